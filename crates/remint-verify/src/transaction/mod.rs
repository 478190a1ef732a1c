//! Transaction tokens (draft-ietf-oauth-transaction-tokens): for whom a call from outside is carried out, and
//! what it is about, told to every service that it goes through.
//!
//! # The decision
//!
//! A request passes a [`TransactionLayer`] if and only if there is exactly one `Txn-Token` header, and in it
//! one token
//!
//! 1. that is a well-formed compact JWS within the verifier's limit (16 KiB unless set);
//! 2. whose `typ` is `txntoken+jwt`, whose `alg` is one of the accepted ones, and which names its key by
//!    `kid`;
//! 3. whose `iss` is the exact issuer and whose `aud` is the trust domain and nothing else;
//! 4. whose `exp` has not come (no leeway) and is at most five minutes after its `iat`, which has come
//!    (30 seconds of leeway);
//! 5. that is not bound to a sender (`cnf`);
//! 6. whose signature verifies under the issuer's key of that `kid`: the key set is the [`Verifier`]'s;
//! 7. whose `txn`, `sub`, `scope` (not empty) and `req_wl` are there, as are `env`, `client_id` and
//!    `cred`, and every claim we know is of its type;
//!
//! and the transaction meets the layer's [`Requirements`](remint_guard::Requirements). Without the header a
//! request passes if the layer is [`TransactionLayer::optional`], or was told to [allow CORS
//! preflights](TransactionLayer::allow_cors_preflight) and the request looks like one; it then carries no
//! transaction. A key set that cannot be had is 503, never a 401.
//!
//! # What a service does with it
//!
//! The extensions hold an `Arc<`[`Transaction`]`>`. Whatever the service calls in turn gets the header
//! `Txn-Token` as it came: it stays in the request, marked sensitive. (The draft, § "Txn-Token Validation":
//! it is passed on unmodified.)
//!
//! A transaction token authenticates nobody: not the service that sends it, nor a caller. So no
//! [`Caller`](crate::Caller) comes of it, and no [`VerifyLayer`](crate::VerifyLayer) takes it for an access
//! token; who sends the request is for a layer of its own to find out. It is a bearer token besides: whoever
//! gets hold of one can send it again until it expires.
//!
//! A 401 names the scheme `Bearer`, as all denials do, since the draft has no challenge of its own.
//!
//! Nothing is remembered: each token is verified anew.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::{Extension, Router, body::Body, routing::get};
//! use remint_verify::{Transaction, TransactionVerifier, Verifier};
//! use tower::ServiceExt;
//! # use remint_verify::{Algorithm, JwkSet};
//! # use remint_jwt::SigningKey;
//!
//! async fn buy(Extension(transaction): Extension<Arc<Transaction>>) -> String {
//!     format!("{} buys {}", transaction.subject(), transaction.request_details.as_map()["ticker"])
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = SigningKey::generate(Algorithm::Es256)?;
//! # let keys = JwkSet::try_from(vec![key.public_jwk().clone()])?;
//! # let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
//! # let token = key.sign("txntoken+jwt", &serde_json::json!({
//! #     "iss": "https://auth.internal", "aud": "trust-domain.example", "sub": "alice", "txn": "1", "client_id": "k",
//! #     "iat": now, "exp": now + 60, "env": "live", "cred": { "kind": "api_key", "id": "k" },
//! #     "scope": "trade.stocks", "req_wl": "gateway", "tctx": { "ticker": "MSFT" },
//! # }))?;
//! let verifier = Verifier::builder("https://auth.internal".parse()?, "internal".parse()?)
//!     .jwks_uri("https://auth.internal/.well-known/jwks.json")
//! #   .local_keys(move || keys.clone())
//!     .build()
//!     .await?;
//! let transactions = TransactionVerifier::new(&verifier, "trust-domain.example".parse()?)?;
//! let app = Router::new().route("/buy", get(buy)).layer(transactions.layer());
//!
//! let request = http::Request::get("/buy").header("txn-token", token).body(Body::empty())?;
//! let response = app.clone().oneshot(request).await?;
//! assert_eq!(response.status(), 200);
//!
//! let without = http::Request::get("/buy").body(Body::empty())?;
//! assert_eq!(app.oneshot(without).await?.status(), 401);
//! # Ok(())
//! # }
//! ```
//!
//! # Metrics
//!
//! `remint_transactions_total{outcome, reason}` counts each request once: its transaction was `verified` and meets
//! the requirements, it was refused (`denied`, `unavailable`, by reason), it passed without one (`absent`), or its
//! caller went away while it waited for the key set (`abandoned`). A token that is given by itself counts as a request.
//!
//! [`Verifier`]: crate::Verifier

mod header;
mod layer;
mod verifier;

pub use layer::TransactionLayer;
pub use remint_token::{Transaction, TransactionContext};
pub use verifier::TransactionVerifier;

/// The middleware of [`TransactionLayer`].
pub type VerifyTransaction<S> = crate::middleware::VerifyService<TransactionLayer, S>;

/// The response of [`VerifyTransaction`].
pub type ResponseFuture<S, ReqBody, ResBody> = crate::middleware::ResponseFuture<TransactionLayer, S, ReqBody, ResBody>;
