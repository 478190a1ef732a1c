//! Discovery, and remote key sets that stay usable.
//!
//! # Where it stands on the line
//!
//! An authenticator that meets a token of an external issuer asks the issuer's [`KeySet`] for the
//! key that the token's header names. So does a service behind the edge that meets an internal
//! token.
//!
//! # The decision
//!
//! [`KeySet::keys`] gives keys if and only if the last good set has some that the token's `kid` and
//! `alg` may mean ([`JwkSet::find`](remint_jwt::JwkSet::find)) and that are for its issuer, and that set is not
//! older than [`KeySetSettings::max_stale`]. For an unknown key:
//!
//! 1. if the last successful fetch *began* within [`KeySetSettings::refetch_after`] (ten seconds), the
//!    token is *denied*;
//! 2. otherwise, if the last attempt failed within [`KeySetSettings::retry_after`] (five seconds), it is
//!    *unavailable*, and the issuer is not asked;
//! 3. otherwise one fetch decides for all who ask: *denied* if the new set does not have the key either,
//!    *unavailable* if there is no new set.
//!
//! Nothing that a token says plays a part in it. A signature that fails under keys which the token does not name
//! by their `kid` means what an unknown key means ([`KeySet::verify`]).
//!
//! A set is good if it can be parsed and has at least one usable key. One that is not good, an
//! error and an answer that does not come are failed attempts: they leave the last good set in place. A
//! key that a good set no longer has is gone with it.
//!
//! Strangers decide which `kid` is asked for. They cannot decide which address is asked (the addresses
//! are those of the configuration and of the configured issuer's discovery document, redirects are not
//! followed), how often (the two periods above), how much is read or how long it is waited for.
//!
//! A rotation that the issuer did not announce costs the tokens of the new key at most
//! `refetch_after` of 401. An issuer that publishes a key before it signs with it costs nothing.
//!
//! # What the deployment must guarantee
//!
//! That the address of an issuer leads to that issuer: TLS and the certificates the machine trusts
//! are the ground all of this stands on. A clock that is right to within a few seconds.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use remint_core::{IssuerId, SystemClock};
//! use remint_jwt::Algorithm;
//! use remint_keyset::{Discovery, HttpClient, KeySet, KeySetSettings, KeySource};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = IssuerId::new("https://idp.example")?;
//! let source = KeySource::Discovery(Discovery::of(&issuer)?);
//! let http = Arc::new(HttpClient::new()?);
//! let keys = KeySet::new(issuer, source, http, SystemClock, KeySetSettings::default());
//! keys.start().await;
//! let found = keys.keys(Some("2026-11"), Algorithm::Es256).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Metrics and log
//!
//! `remint_keyset_age_seconds{issuer}` (gauge) and `remint_keyset_refresh_total{issuer,outcome}`
//! (counter). Each key of a set that is not used is one warning, with `kid`, reason and issuer, when it first arrives.
//!
//! # What this crate is not
//!
//! An OpenID Connect client: of the discovery document it reads `issuer` and `jwks_uri`.

mod address;
mod attempts;
mod background;
mod client;
mod discovery;
mod environment_proxy;
mod fetch;
mod jwks_uri;
mod key_set;
mod load;
mod load_error;
mod refreshing;
mod rotating_headers;
mod settings;
mod shared_fetch;
mod snapshot;
mod source;
mod state;
mod telemetry;
mod unusable;
mod with_headers;

pub use address::is_https_or_loopback;
pub use client::{HttpClient, HttpClientBuilder, HttpClientError};
pub use discovery::{Discovery, DiscoveryOrder, InvalidIssuerUrl, oauth_metadata_path, openid_configuration_path};
pub use fetch::{FetchError, HttpFetch};
pub use http::{HeaderMap, HeaderName, HeaderValue};
pub use key_set::KeySet;
pub use rotating_headers::{HeaderFileError, RotatingHeaders};
pub use settings::KeySetSettings;
pub use shared_fetch::{Fetch, FetchAttempt, FetchWaiter, SharedFetch};
pub use source::KeySource;
pub use state::KeySetState;
pub use url::Url;
pub use with_headers::WithHeaders;
