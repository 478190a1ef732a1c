//! Checks DPoP proofs (RFC 9449): that whoever sends a token holds the key it is bound to.
//!
//! # Where it stands on the line
//!
//! Behind the credential: `remint-normalize` asks [`DpopVerifier`] on each request whose token is bound to
//! a key (`cnf.jkt`), on hits as on misses. No cache remembers the answer.
//!
//! # A proof holds if and only if
//!
//! The numbers are those of RFC 9449 §4.3.
//!
//! 1. There is exactly one `DPoP` header.
//! 2. It is a well-formed compact JWS of at most 4,096 bytes ([`SelfSigned`](remint_jwt::SelfSigned)).
//! 3. It has `jti` (one to 256 bytes), `htm`, `htu`, `iat` and `ath`.
//! 4. `typ` is `dpop+jwt`.
//! 5. `alg` is one of the accepted [algorithms](DpopVerifier::with_algorithms), all of them asymmetric.
//! 6. The signature verifies under the header's `jwk`,
//! 7. which has no private members.
//! 8. `htm` is the request's method.
//! 9. `htu` is the [public URL](DpopVerifier::new) and the request's path, both normalised (RFC 3986 §6.2.2,
//!    §6.2.3), without query and fragment. No header has a part in this. A request whose path has a segment `.` or
//!    `..`, plain or as `%2e`, is refused before its proof is looked at ([`DeniedKind::DotSegment`], 400): a router may
//!    take the path as it stands, and the proof would then name another resource.
//! 10. `nonce` is one that was given out a moment ago, where [nonces](DpopVerifier::with_nonces) are demanded.
//! 11. `iat` is at most a minute ago, and at most ten seconds ahead, unless set; `exp` and `nbf`, if there,
//!     hold.
//! 12. `ath` is the SHA-256 of the token, and the `jwk`'s thumbprint is that of the key it is bound to.
//!
//! And it is used for the first time: [`Proven::spend`] asks the [`ReplayStore`] for the `jti` under
//! this key (§11.1). A signature has a twin that verifies too; the `jti` is the same.
//!
//! # What the deployment must guarantee
//!
//! - Nodes that serve one public URL share one [`ReplayStore`], and where nonces are demanded the secret
//!   of the [`Nonces`]. [`MemoryReplays`] is for one process.
//! - Their clocks are not further apart than the leeway: that much longer each use is remembered.
//! - The path that the verifier is given is the one that the client asked for. A router that takes a prefix
//!   off the path stands behind the check, or the prefix is in the public URL.
//!
//! # Example
//!
//! ```
//! use http::Method;
//! use remint_dpop::{DpopVerifier, MemoryReplays, ProofRequest};
//! use remint_jwt::{Algorithm, SigningKey};
//! use remint_core::{Clock, Refusal, SystemClock};
//! use serde_json::json;
//! use sha2::{Digest, Sha256};
//! use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = DpopVerifier::new("https://api.example", MemoryReplays::new(100_000))?;
//!
//! // What a client does.
//! let (token, key) = ("a.b.c", SigningKey::generate(Algorithm::Es256)?);
//! let proof = key.sign_with_own_key("dpop+jwt", &json!({
//!     "jti": "e1j3V_bKic8", "htm": "GET", "htu": "https://api.example/jobs", "iat": SystemClock.now().as_secs(),
//!     "ath": BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token)),
//! }))?;
//!
//! // What the edge asks, of each request.
//! let bound_to = key.public_jwk().thumbprint_bytes();
//! let request = ProofRequest::new(&Method::GET, "/jobs", [proof.as_bytes()]);
//! let once = || async { verifier.check(request, token, &bound_to)?.spend().await };
//! assert_eq!(once().await.map_err(|refusal: Refusal| refusal.reason()), Ok(()));
//! assert_eq!(once().await.map_err(|refusal: Refusal| refusal.reason()), Err("dpop_proof"), "a replay");
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It makes no response and reads no token: what a token is bound to, its authenticator says.
//!
//! [`DeniedKind::DotSegment`]: remint_core::DeniedKind::DotSegment
//! [`ReplayStore`]: remint_core::ReplayStore

mod memory;
mod nonces;
mod proof;
mod public_url;
mod verifier;

pub use memory::MemoryReplays;
pub use nonces::{Nonces, ShortSecret};
pub use proof::{ProofRequest, Proven};
pub use public_url::InvalidPublicUrl;
pub use verifier::DpopVerifier;
