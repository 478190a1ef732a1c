//! The middleware that both layers of this crate are: one decision, one service, one future. They differ in the token
//! that they ask for ([`TokenLayer`]).

mod decision;
mod future;
mod service;
mod telemetry;
mod token_layer;

pub(crate) use future::ResponseFuture;
pub(crate) use service::VerifyService;
pub(crate) use telemetry::{Outcome, Telemetry, outcomes};
pub(crate) use token_layer::{Progress, TokenLayer, Verifying};
