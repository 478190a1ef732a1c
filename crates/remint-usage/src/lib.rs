//! Usage: counted in memory for each request, written in batches.
//!
//! # Where it stands on the line
//!
//! Behind it: whoever has passed is counted. `MeterLayer` of `remint-tower` counts HTTP requests;
//! other surfaces call [`Meter::record`]. What is counted goes to a
//! [`UsageStore`](remint_core::UsageStore).
//!
//! # What is counted
//!
//! Requests and units, for each (day in UTC, subject, tenant, API key, environment). The day is that
//! of the request, not of the flush. A request's units are what the handler reported
//! ([`Units`]), or one.
//!
//! # What is promised
//!
//! - No request waits for the store.
//! - A flush that returned `Ok` has written everything counted before it began.
//! - A batch that failed, or whose future was dropped, is sent again under the same id, and the store
//!   counts it once. Until it is through, no further batch is made.
//! - A killed process loses what was counted since the last flush, and no more. A clean shutdown that
//!   ends with [`Meter::flush`] loses nothing: wait for the requests first, since what is not
//!   answered has not reported its units.
//! - Counts saturate.
//! - Memory is bounded: a count stands under the address of its `Arc<Identity>`, of which a weak
//!   reference is held (so that the address stays taken, and the identity does not stay alive);
//!   threads hold up to 4,096 of them and what is beyond is added up by names, up to 131,072 rows.
//!   What would need a further row is not counted until the next flush: it is logged as an error and
//!   counted in `remint_usage_dropped_total`.
//!
//! # What the deployment must guarantee
//!
//! Somebody calls [`Meter::flush`] now and then, and once at the end.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use remint_core::{Identity, SystemClock, Unavailable, UsageStore};
//! use remint_usage::Meter;
//!
//! async fn serve(store: Arc<dyn UsageStore>, caller: &Arc<Identity>) -> Result<(), Unavailable> {
//!     let meter = Meter::new(store, SystemClock);
//!     meter.record(caller, 1);
//!     meter.flush().await
//! }
//! ```
//!
//! # What this crate is not
//!
//! It limits nobody (that is `remint-quota`), and it has no background task: the facade has one.

mod counted;
mod ledger;
mod local;
mod meter;
mod outbox;
mod slot;

pub use counted::{Counted, Units};
pub use meter::Meter;
