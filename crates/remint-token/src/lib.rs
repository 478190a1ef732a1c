//! The internal token, and the transaction token: their claims, written and read; and what the authorization server
//! says beside them.
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
//! Claims are those of a transaction token of ours (draft-ietf-oauth-transaction-tokens), valid now, if and
//! only if `typ` is `txntoken+jwt`, there is a `kid`, `iss` is the exact issuer, `aud` is the trust
//! domain and nothing besides, `exp` has not come and is at most five minutes after `iat`, `iat` and `nbf`
//! are not more than 30 seconds ahead, there is no `cnf` ([`TransactionExpectations::check`]), and `txn`,
//! `sub`, `scope` (not empty), `req_wl`, `env`, `client_id` and `cred` are what they must be, as are
//! `rctx`, `tctx`, `act` and the others that may be there ([`transaction`]).
//!
//! # How the two are kept apart
//!
//! A transaction token is context and never an access token, nor the reverse. Their `typ` differ; so do
//! their audiences; and were both the same, the one has a `jti` and no `txn`, and the other a `txn` and no
//! `jti`, without which neither is accepted.
//!
//! # How long a token lives
//!
//! No token outlives its source, what enrichers said of its subject, or the time to live ([`Life`],
//! [`expiry`]).
//!
//! # Beside the token
//!
//! The server's answers have a member of ours ([`REMINT_MEMBER`]): what an edge must hold a credential to
//! ([`Restrictions`]), and in an error which part is unavailable ([`unavailable_member`]). [`urn`] has the names of
//! grants and token types, [`revocation_log`] what is said to a client that follows the server's log.
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
//!
//! // What a requester states of a transaction is bounded, and means the same to whoever reads it.
//! use remint_token::{ContextError, TransactionContext};
//! let details = TransactionContext::parse(br#"{"action": "BUY", "quantity": 100}"#)?;
//! assert_eq!(details.get("quantity"), Some(&json!(100)));
//! assert_eq!(TransactionContext::parse(br#"{"quantity": 1, "quantity": 100}"#), Err(ContextError::Malformed));
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
mod life;
pub mod revocation_log;
mod transaction;
mod wire;

pub use claims::{FRAME_CLAIMS, Frame, InternalClaims, USUAL_MAX_LENGTH};
pub use expectations::{Expectations, Moments};
pub use identity::{IDENTITY_CLAIMS, IdentityClaims, identity};
pub use life::{Life, NothingLeft, expiry};
pub use transaction::{
    ContextError, MAX_CONTEXT_DEPTH, MAX_CONTEXT_LEN, MAX_CONTEXT_VALUES, MAX_EARLIER_REQUESTERS,
    MAX_TRANSACTION_LIFETIME, TRANSACTION_HEADER, TRANSACTION_TYPE, Transaction, TransactionClaims, TransactionContext,
    TransactionExpectations, transaction,
};
pub use wire::{REMINT_MEMBER, Restrictions, UnknownRestriction, unavailable_member, unavailable_part, urn};

/// The `typ` of internal tokens (RFC 9068 §2.1).
pub const TOKEN_TYPE: &str = "at+jwt";
