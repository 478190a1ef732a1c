//! The authorization server alone: [`server`] puts it together, [`idp`] is whom it trusts, [`curl`] is
//! what to ask it.

pub mod curl;
pub mod idp;
pub mod server;

use std::error::Error;

/// What any part of this example returns.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;
