//! The crate as its users see it.

mod absent;
mod acting;
mod commit;
mod conformance;
mod descent;
mod ending;
mod foreign;
mod last_used;
mod leak;
mod legacy;
mod linked;
mod nodes;
mod pairing;
mod rotation;
mod secrets;
mod sign_up;
mod support;
mod verdicts;
