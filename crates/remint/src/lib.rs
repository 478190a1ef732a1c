//! Normalizes any credential to one internal token, inside any Rust service.
