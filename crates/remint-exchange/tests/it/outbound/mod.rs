//! Tokens for outbound requests.

mod exchanged;
mod layer;
mod own;
mod support;
