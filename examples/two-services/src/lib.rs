//! An edge service, [`shop`], calls a service behind it, [`stock`].
//!
//! The shop takes whatever credential a caller has. What it hands on is the internal token that
//! the layer put in place of it, and that is all the stock ever sees.

pub mod shop;
pub mod stock;

use std::error::Error;

/// The `iss` of internal tokens: a name, the same on both sides.
pub const ISSUER: &str = "https://auth.internal";

/// The `aud` of internal tokens: the services behind the edge.
pub const AUDIENCE: &str = "internal";

/// What any part of this example returns.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;
