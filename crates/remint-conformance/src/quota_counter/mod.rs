//! What every [`QuotaCounter`](remint_core::QuotaCounter) must do.
//!
//! A case gets an empty counter and the clock it goes by.
//! [`quota_counter_suite!`](crate::quota_counter_suite) stamps a test for each case that any counter
//! must pass, [`quota_counter_outage_suite!`](crate::quota_counter_outage_suite) for each case of a
//! counter whose connection can be cut.

pub mod budgets;
pub mod charges;
mod clock;
pub mod concurrency;
pub mod give_backs;
pub mod outage;
mod random;
pub mod refills;
mod run;
mod samples;
mod severable;
mod suite;

pub use crate::severable::Severable;
pub use clock::CounterClock;
pub use run::run;
pub use samples::{HOUR, answer, charge, give_back, key, look, subject, take, tenant};
