//! The verdict corpus: what an edge makes of a request, as rows of data.
//!
//! A [`Row`] is one request with its [`Verdict`]: it goes on ([`Forward`]), is refused ([`Deny`]), or is answered
//! with a document of the edge's own ([`Document`]). [`rows`] reads them from `verdicts/*.jsonl`.
//!
//! # The decision
//!
//! [`run`] makes an edge of a [`World`] for each row, a [`Surface`] of the edge, and sends the request twice: cold and
//! warm. It compares the head that the upstream saw, or the answer, with the verdict; what a row does not list must
//! not be there. Who the caller is, it reads from the internal token alone, which it verifies under the published
//! key of the issuer, as a service behind the edge does. [`what_does_not_count`] then changes each verdict in each part and
//! expects that it no longer holds.
//!
//! # What the deployment must guarantee
//!
//! Nothing: this module is for tests. A surface in another process goes by the same clock as its world
//! ([`World::at`]).
#![expect(clippy::panic, reason = "a row that cannot be sent fails the test")]

mod corpus;
mod judge;
mod mutation;
mod observation;
mod row;
mod run;
mod setup;
mod surface;
mod verdict;
mod world;

pub use corpus::rows;
pub use observation::{Answer, Observation, Upstream};
pub use row::{Certificate, Event, HttpVersion, Row};
pub use run::{Failure, run, what_does_not_count};
pub use setup::{Outage, Setup};
pub use surface::{StatedRequest, Surface};
pub use verdict::{Deny, Document, Forward, Verdict};
pub use world::{Edge, World};
