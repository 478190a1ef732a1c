//! JWS and JWK as strict as RFC 8725 asks: parse, look up, verify, sign.
//!
//! # Where it stands on the line
//!
//! Rank 1: the structure check before an authenticator is asked, the signature check inside it,
//! and the signature of the internal token at the end. It knows no issuer, no clock and no
//! network.
//!
//! # A token is verified if and only if
//!
//! 1. it is at most [`MAX_TOKEN_LEN`] bytes of three parts in canonical base64url
//!    ([`Jws::parse`]);
//! 2. header and claims are JSON objects, at most 32 levels deep, with no member twice at any
//!    level (RFC 8725 §2.6), without a byte order mark, half a surrogate pair (`"\ud800"`) or a number that no
//!    `f64` can hold (`1e400`): `remint-strict-json` has the rules;
//! 3. `alg` is one of [`Algorithm`], which has no `none` and nothing symmetric (§3.1);
//! 4. the header asks for nothing that is never done: `crit`, `b64`, `zip`, a nested token, or a
//!    key of its own in `jwk`, `jku`, `x5u` or `x5c`;
//! 5. the caller has found keys for it ([`JwkSet::find`]) which are for exactly this algorithm;
//! 6. the signature verifies under one of them.
//!
//! A token that is *meant* to bring its key along, a DPoP proof, is read as [`SelfSigned`] and as nothing
//! else. What that proves is only that its sender holds some key.
//!
//! An access token of an external issuer is read by [`Jws::parse_external`]: where another reader would pass over
//! a member of the header, or find `null` for an absent member, so does that one. Whatever else is read (assertions,
//! proofs, internal tokens) is held to every word of the above.
//!
//! Issuer, audience and type are then the caller's to judge; the accessors of [`Claims`] refuse what is not
//! of the right type instead of converting it. Times are judged by a [`TimeRule`], at the moment that the
//! caller gives.
//!
//! # What the deployment must guarantee
//!
//! That a [`JwkSet`] comes from whom it is believed to come from. An ECDSA signature has a twin
//! (`n − s`) that verifies too: whoever names a token names its [`Jws::signing_input`].
//!
//! # Example
//!
//! ```
//! use remint_jwt::{Algorithm, Jws, JwkSet, SigningKey};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let token = key.sign("at+jwt", &json!({ "iss": "https://issuer.example", "sub": "alice" }))?;
//!
//! let published = JwkSet::try_from(vec![key.public_jwk().clone()])?;
//! let jws = Jws::parse(&token)?;
//! let keys = published.find(jws.header().key_id(), jws.header().algorithm())?;
//! let claims = jws.verify(&keys)?;
//! assert_eq!(claims.get().subject()?, "alice");
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! A JOSE library: there is no encryption, no JSON serialization, no MAC, and no way to turn a
//! check off.

mod algorithm;
mod base64url;
mod candidates;
mod claims;
mod confirmation;
mod ecdsa;
mod edwards;
mod error;
mod external_id;
mod header;
mod jwk;
mod jwk_set;
mod jws;
mod material;
mod media_type;
mod passed_over;
mod pem;
mod self_signed;
mod signing;
mod tidy;
mod time_rule;
mod unsigned;
mod verifying;
mod weak_rsa;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use candidates::{Candidates, MAX_CANDIDATES, VerifyingKeys};
pub use claims::{Audiences, Claims, Rounding};
pub use confirmation::confirmation_claim;
pub use ecdsa::EcdsaP256PublicKey;
pub use error::{JwtError, JwtErrorKind, KeyError};
pub use external_id::{external_session_id, external_token_id};
pub use header::{Header, MAX_KEY_ID_LEN};
pub use jwk::Jwk;
pub use jwk_set::{JwkSet, LookupError, MAX_SET_KEYS, MAX_SET_LEN};
pub use jws::{Jws, MAX_TOKEN_LEN};
pub use media_type::subtype;
pub use passed_over::PassedOver;
pub use self_signed::SelfSigned;
pub use signing::SigningKey;
pub use time_rule::{TimeRule, Times, has_ended};
pub use unsigned::UnsignedJws;
pub use verifying::VerifyingKey;
