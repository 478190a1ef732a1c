//! The identity service, as an axum `Router`: users, tenants and API keys over HTTP.
//!
//! # Where it stands on the line
//!
//! Beside it: it changes what the line looks up. Who may change what, it learns from the line itself:
//! its router stands behind the edge's own layer.
//!
//! # The decision
//!
//! A request under `/v1` is carried out if and only if
//!
//! 1. it comes with the bootstrap key and no other credential, or the edge's own layer lets it pass
//!    with an identity (`POST /v1/leaked-keys` alone is let in by the scanner's signature instead); or
//!    it comes to the router for operators, and the server states which [`Operator`] sends it;
//! 2. its caller has the right to it:
//!    - the scope `remint:admin`, the bootstrap key, and operators reach everything. The scope counts in the environment
//!      that the edge demands, or in `live` where it demands none, and not for whoever acts for the user,
//!    - `POST /v1/api-keys/verify` is reached with `remint:verify` too, for keys of the caller's environment,
//!    - a user's own key, or a token that is linked to the user, reaches that user: reads them, lists
//!      their keys and usage of its own environment, makes, rotates and revokes their keys;
//! 3. a key that a caller without `remint:admin` makes, rotates or revokes does not exceed what they came with: owner,
//!    scopes, environment, networks, end. The same question is asked of each, with these exceptions: a key
//!    rotates and revokes itself; a user's own token revokes any of their keys in its environment. A key makes
//!    keys, and rotates others, only with `remint:keys`. Nothing of it is done for a subject on whose behalf
//!    somebody else acts;
//! 4. a credential that is bound to its sender (a certificate, a DPoP key) makes and rotates no keys, which would not
//!    be bound;
//! 5. it fits: media type, size, fields, values.
//!
//! What belongs to others answers 404, as if it were not there.
//!
//! # Revocation
//!
//! `POST /v1/revocations` ends what an administrator names: a key, a user, a client, a subject, session or
//! issuer outside, a tenant, a token, or everything. It answers 202 once nothing older of it is accepted here,
//! with the place of the row in the log. A key is revoked in the store, and a user or tenant disabled; a client
//! can get new tokens, since its secret is in the settings. What is ended, by whom and why is in the audit trail.
//!
//! # Limits
//!
//! With [`IdentityService::quota`] a caller who has an identity is held to the limits of their plan, and
//! refused with 429 before anything is done. Three classes of routes are told apart
//! ([`IdentityService::QUOTA_CLASSES`]): `read` (each `GET`), `verify` (`POST /v1/api-keys/verify`) and
//! `write` (the rest). What comes with the bootstrap key or a scanner's signature is counted on nobody.
//!
//! # A client that hangs up
//!
//! What changes something is carried out to its end all the same.
//!
//! # Creation, once
//!
//! `POST` endpoints that create take an `Idempotency-Key` (1 to 255 visible ASCII characters, kept for
//! 24 hours, for each user by itself). The same request under the same key is answered with what the
//! first one made, with `Idempotent-Replayed: true` and with `null` in place of each key's text, which
//! is kept nowhere: a client that never got it revokes the key and makes another. Another request
//! under the same key is answered with 422.
//!
//! # What the deployment must guarantee
//!
//! - The [`NormalizeLayer`](remint_tower::NormalizeLayer) authenticates keys of the same
//!   [`ApiKeys`](remint_apikey::ApiKeys), whose revoker its cache follows.
//! - `remint:*` scopes come from the store alone: no authenticator takes them over from outside.
//! - The bootstrap key is taken out of the settings when there is an administrator.
//!
//! # Example
//!
//! ```
//! use axum::Router;
//! use remint_identity_service::{BootstrapKey, IdentityService};
//!
//! # fn serve(keys: remint_apikey::ApiKeys, layer: remint_tower::NormalizeLayer) -> Result<Router, remint_identity_service::BootstrapKeyTooShort> {
//! let key = BootstrapKey::new("at least 32 characters of your secret store".replace(' ', "-").as_str())?;
//! let identity = IdentityService::new(keys).bootstrap_key(key).into_router(layer);
//! Ok(Router::new().merge(identity).fallback(remint_identity_service::not_found))
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It opens no socket and reads no settings. It counts nobody's requests by itself: a quota is given to
//! it ([`IdentityService::quota`]), and the usage that it shows is what a `MeterLayer` wrote.

mod act_for;
mod actor;
mod bootstrap;
mod field;
mod idempotency;
mod identity_service;
mod keys;
mod leaks;
mod limits;
mod openapi;
mod operator;
mod page;
mod path;
mod report_keys;
mod resources;
mod revocations;
mod router;
mod shared;
mod target;
mod tenants;
mod to_its_end;
mod usage;
mod users;
mod verify;
mod view;

pub use remint_http_api::{Problem, not_found};

pub use crate::bootstrap::{BootstrapKey, BootstrapKeyTooShort};
pub use crate::identity_service::IdentityService;
pub use crate::operator::Operator;
pub use crate::report_keys::LeakReports;
