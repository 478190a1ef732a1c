//! API keys and users in SQLite.
