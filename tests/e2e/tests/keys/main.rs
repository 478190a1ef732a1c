//! Key sets over real HTTP: what a provider serves while its keys change, and whose certificate is believed.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod certificate;
mod flow;
mod provider;
mod stale;
