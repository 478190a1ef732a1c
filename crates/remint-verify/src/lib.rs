//! What a service behind the edge needs: verify one token format of one issuer.
//!
//! # Where it stands on the line
//!
//! After it. The edge has replaced whatever the caller sent by an internal token; this crate checks
//! that token and gives the handler the same [`Caller`] that it would get at the edge itself. It
//! links no SQL, no Redis and no gRPC.
//!
//! # The decision
//!
//! A request passes a [`VerifyLayer`] if and only if exactly one credential stands in its
//! `Authorization` headers, and that is `Bearer` with a token
//!
//! 1. that is a well-formed compact JWS of at most 16 KiB unless set (`remint-jwt` says how strictly);
//! 2. whose `typ` is `at+jwt` (RFC 9068 §4), whose `alg` is one of the accepted ones, and which
//!    names its key by `kid`;
//! 3. whose `iss` is the exact issuer and whose `aud` names this service;
//! 4. whose `exp` has not come (no leeway), and whose `iat` and `nbf` have (30 seconds of leeway);
//! 5. that is not bound to a sender (`cnf`), since nobody here checks the proof;
//! 6. whose signature verifies under the issuer's key of that `kid`;
//! 7. whose `jti`, `sub`, `client_id`, `env` and `cred` are there and every claim we know is of its
//!    type: what tells an internal token from any other that the same key may have signed;
//! 8. that names nothing that was ended since it was issued, as far as this service is told of it
//!    ([`VerifierBuilder::revocations`]): subject, credential, session, tenant, and each actor with theirs;
//!
//! and the caller meets the layer's [`Requirements`]: a service that must see none but `live` callers says so
//! there, once for all its routes. Without any credential a request passes if
//! the layer is [`VerifyLayer::optional`], or was told to [allow CORS
//! preflights](VerifyLayer::allow_cors_preflight) and the request looks like one; it then carries no identity. API-key headers and `x-remint-*` headers say nothing here.
//!
//! [With resource metadata](VerifyLayer::with_resource_metadata) the layer itself answers requests for
//! that one document (RFC 9728), with or without a token, and its challenges name where it stands.
//!
//! A key set that cannot be had is an outage of ours, as is a log of revocations that cannot be read for too long:
//! 503 with `Retry-After`, never a 401. An unknown `kid`
//! is a 401 for ten seconds after the key set was fetched ([`VerifierBuilder::jwks_refetch_after`]); then one
//! fetch decides.
//!
//! # What is remembered
//!
//! A verified token is taken as verified until it expires, but no longer than
//! [`VerifierBuilder::max_ttl`], 60 seconds: within that time its next request costs a hash and a
//! look-up. So a token whose key the issuer withdraws is accepted until the key set is fetched
//! again (five minutes, [`KeySetSettings`]) and then for at most `max_ttl`; keys in the same process
//! ([`VerifierBuilder::local_keys`]) are withdrawn at once, and their tokens within `max_ttl`. A bad
//! signature and an expired token are remembered for ten seconds in a small space of their own. An
//! unknown key is never remembered, and no outage is.
//!
//! # Connections that stay open
//!
//! A layer asks once, when a request begins. A handler that holds its connection open (a WebSocket, server-sent
//! events, a stream of gRPC) awaits [`Verifier::ended`] beside its own work: it is ready when the token expires, and as
//! soon as something that the token names is revoked. The example `axum-service` has a stream of events that ends so.
//!
//! # What the deployment must guarantee
//!
//! Clocks that agree to within 30 seconds. TLS, or a network that nobody else reads and writes,
//! between edge and service: the token is a bearer token. Without a log of revocations, a token that is
//! already revoked lives to its `exp` here, five minutes unless the issuer was told otherwise. From which
//! networks an API key may be used was checked at the edge, for the request that came there.
//!
//! # CORS
//!
//! A browser's preflight carries no credential. Put the CORS layer outside a [`VerifyLayer`], so that it answers preflights
//! before a credential is asked for. Where that is impossible, `VerifyLayer::allow_cors_preflight` lets whatever looks
//! like a preflight pass without an identity, which everybody can send, and with any body.
//!
//! # Example
//!
//! ```
//! use axum::{Router, body::Body, routing::get};
//! use remint_verify::{Caller, Verifier};
//! use tower::ServiceExt;
//! # use remint_verify::{Algorithm, JwkSet};
//! # use remint_jwt::SigningKey;
//!
//! async fn me(caller: Caller) -> String {
//!     caller.subject.to_string()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = SigningKey::generate(Algorithm::Es256)?;
//! # let keys = JwkSet::try_from(vec![key.public_jwk().clone()])?;
//! # let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
//! # let token = key.sign("at+jwt", &serde_json::json!({
//! #     "iss": "https://auth.internal", "aud": "internal", "sub": "alice", "jti": "1", "client_id": "k",
//! #     "iat": now, "exp": now + 60, "env": "live", "cred": { "kind": "api_key", "id": "k" },
//! # }))?;
//! let verifier = Verifier::builder("https://auth.internal".parse()?, "internal".parse()?)
//!     .jwks_uri("https://auth.internal/.well-known/jwks.json")
//! #   .local_keys(move || keys.clone())
//!     .build()
//!     .await?;
//! let app = Router::new().route("/me", get(me)).layer(verifier.layer());
//!
//! let request = http::Request::get("/me").header("authorization", format!("Bearer {token}"));
//! let response = app.oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | brings |
//! | --- | --- |
//! | `axum` | [`Caller`] and `Option<Caller>` as axum extractors |
//! | `testing` | `Caller::for_test` and `SignedInLayer`, for the tests of a service |
//!
//! None is on by default. Without `axum`, a handler `async fn me(caller: Caller)` does not compile: "the trait bound
//! `fn(Caller) -> …: Handler<_, _>` is not satisfied", and under `#[axum::debug_handler]` "the trait bound
//! `Caller: FromRequestParts<()>` is not satisfied". Then write
//!
//! ```toml
//! remint-verify = { version = "0.1", features = ["axum"] }
//! ```
//!
//! # Metrics
//!
//! `remint_verify_total{outcome, reason}` counts each request once: its token is good, and was verified now
//! (`verified`) or before (`cached`), and its caller meets the requirements; it was refused (`denied`, `unavailable`, by
//! reason); it passed as `anonymous`; or its caller went away while it waited for the key set (`abandoned`). A token
//! that is given by itself ([`Verifier::verify`]) counts as a request.
//!
//! # Transaction tokens
//!
//! What a call from outside is about, and for whom, comes besides in the header `Txn-Token`:
//! [`transaction`] says when it is accepted. No access token is taken for one, nor one for an access
//! token.
//!
//! # What this crate is not
//!
//! A verifier for tokens of an identity provider: those are the edge's business, and refused here.

mod builder;
mod ended;
mod error;
mod keys;
mod middleware;
#[cfg(test)]
mod tests;
pub mod transaction;
mod verifier;
pub mod verify;

pub use builder::VerifierBuilder;
pub use ended::{Ended, EndedBy};
pub use error::{VerifierError, VerifierErrorKind};
pub use remint_core::{Audience, Environment, Identity, IssuerId, Refusal};
#[cfg(feature = "axum")]
pub use remint_guard::CallerRejection;
pub use remint_guard::{
    Caller, CallerError, Denials, InvalidMetadata, InvalidRight, RequireLayer, Requirements, ResourceMetadata,
};
#[cfg(feature = "testing")]
pub use remint_guard::{SignedIn, SignedInLayer};
pub use remint_jwt::{Algorithm, JwkSet};
pub use remint_keyset::{HttpClient, HttpFetch, KeySet, KeySetSettings};
pub use remint_revocation::{RevocationTable, Revocations};
pub use transaction::{Transaction, TransactionContext, TransactionLayer, TransactionVerifier, VerifyTransaction};
pub use verifier::Verifier;
pub use verify::{Verify, VerifyLayer};
