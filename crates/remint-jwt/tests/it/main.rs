//! What the crate accepts and refuses, seen from outside.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod arbitrary_input;
mod candidates;
mod ed25519;
mod forgery;
mod key_sets;
mod second_opinion;
mod self_signed;
mod signing;
mod support;
mod tampering;
mod untidy_keys;
