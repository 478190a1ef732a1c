//! Whose tokens are accepted, and what is made of them.

mod carried;
mod configuration;
mod delegation;
mod explained;
mod id_tokens;
mod identity;
mod introspection;
mod jwks_headers;
mod keys;
mod lists;
mod providers;
mod rotation;
mod runtime;
mod sender;
mod several;
mod support;
mod template;
mod times;
mod types;
mod waiting;
