//! API keys bound to users.
