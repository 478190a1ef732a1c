//! Work that waits is bounded: how much of it at once, and for how long.
//!
//! Strangers decide how many credentials there are to be asked about, and a caller who hangs up ends no
//! work that others may share. Without a bound, a provider that hangs makes tasks grow with rate × latency.
//!
//! # Where it stands on the line
//!
//! Around each part that may wait: an authenticator, an enricher, the holder of the signing key, a server
//! that exchanges, one issuer's keys. Each has its own [`Places`], so that one that hangs takes no place
//! from another.
//!
//! # The decision
//!
//! Work is polled once where it was asked for. If that ends it, it needed no place: a token under a known
//! key is never refused. If it waits, it takes a place until it ends or is dropped. Without a free place it
//! is dropped, and the outcome is [`Unavailable`](remint_core::Unavailable) at once
//! ([`Overloaded`](remint_core::UnavailableKind::Overloaded)); past the deadline it is dropped, and the
//! outcome is [`Unavailable`](remint_core::Unavailable) too
//! ([`Deadline`](remint_core::UnavailableKind::Deadline)).
//!
//! # What the deployment must guarantee
//!
//! A Tokio runtime with time, where there is a deadline.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use remint_wait::Places;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let places = Places::new(0).for_at_most(Duration::from_secs(20));
//! assert_eq!(places.bound(async { 42 }).await.unwrap(), 42); // nothing waits
//! assert!(places.bound(tokio::task::yield_now()).await.is_err()); // this does, and there is no place
//! # }
//! ```
//!
//! # Metrics
//!
//! | name | labels | what |
//! | --- | --- | --- |
//! | `remint_waiting` | `for` | how many places are taken, of places that were given a [name](Places::counted_as) |
//!
//! # What this crate is not
//!
//! It is no queue: what finds no place does not wait for one.

mod places;
mod shares;

pub use places::{NotWaited, Place, Places};
pub use shares::{Shares, quarter};
