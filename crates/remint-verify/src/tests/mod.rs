//! What a `Verifier` accepts, refuses, remembers and cannot say; and what the layer makes of it.

mod caching;
mod ended;
mod issuer;
mod layer;
mod metrics;
mod outage;
mod refusals;
mod revocations;
mod round_trip;
mod shared_denials;
mod support;
mod transactions;
