//! The gateway from outside: its binary, run as an operator runs it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod exchange;
mod first_token;
mod following;
mod import;
mod introspection;
mod keys;
mod mapped_claims;
mod nodes;
mod oauth;
mod pairing;
mod providers;
mod restored;
mod sender_constrained;
mod serving;
mod settings;
mod signing_keys;
mod slow;
mod socket;
mod support;
mod too_long;
