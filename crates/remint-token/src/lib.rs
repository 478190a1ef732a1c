//! The internal token: its claims, written and read.
//!
//! # Where it stands on the line
//!
//! Rank 2, below everyone who writes internal tokens (`remint-issuer`) or reads them (`remint-verify`,
//! `remint-exchange`, the token endpoint): what one writes the others read, because it stands in one
//! place.
//!
//! # The decision
//!
//! Claims are those of an internal token of ours, valid now, if and only if `typ` is `at+jwt`, there is a
//! `kid`, `iss` is the exact issuer, `aud` names one of the expected audiences, `exp` has not come, `iat`
//! and `nbf` are not more than 30 seconds ahead, there is a `jti` and no `cnf`
//! ([`Expectations::check`]), and `sub`, `env`, `client_id` and `cred` are what they must be
//! ([`identity`]). Whether the signature verifies is the caller's to find out.
//!
//! # Example
//!
//! ```
//! use remint_core::{Audience, DeniedKind, IssuerId, Timestamp};
//! use remint_jwt::{Algorithm, Jws, SigningKey};
//! use remint_token::Expectations;
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let expected = Expectations::new(IssuerId::new("https://auth.internal")?, Audience::new("internal")?);
//! let foreign = SigningKey::generate(Algorithm::Es256)?.sign("at+jwt", &json!({ "iss": "https://other.example" }))?;
//! let denied = expected.check(&Jws::parse(&foreign)?, Timestamp::from_secs(0)).unwrap_err();
//! assert_eq!(denied.kind(), DeniedKind::UntrustedIssuer);
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It neither signs nor verifies: it holds no key.

mod claims;
mod expectations;
mod identity;

pub use claims::{Frame, InternalClaims};
pub use expectations::{Expectations, Moments};
pub use identity::identity;

/// The `typ` of internal tokens (RFC 9068 §2.1).
pub const TOKEN_TYPE: &str = "at+jwt";
