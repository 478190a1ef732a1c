//! Normalizes any credential to one internal token, inside any Rust service.
//!
//! A JWT of any OpenID provider or an API key bound to a user comes in; one short-lived JWT of one
//! issuer goes on. This crate puts the parts of the workspace together with good defaults and holds
//! no logic of its own.
//!
//! # Ten lines
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use remint::{Caller, Remint, Sqlite, Trust};
//!
//! async fn me(caller: Caller) -> String {
//!     caller.subject.to_string()
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let edge = Remint::builder("https://auth.internal", "internal")
//!         .trust(Trust::oidc("https://acme.okta.com", "api"))
//!         .api_keys(Sqlite::open("keys.db").await?)
//!         .build().await?;
//!     let app = Router::new().route("/me", get(me)).layer(edge.layer());
//!     axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8080").await?, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! # What the deployment must guarantee
//!
//! The folder of keys (`keys` unless set) is kept from others and backed up: it holds the signing
//! keys and the pepper without which no API key in the store works. Nodes over one store share it. An edge
//! whose store and secrets do not belong together is not built ([`Pairing`]): [`RemintError::Pairing`] says
//! what is missing, where it was looked for, and what to do.
//!
//! # Features
//!
//! | feature | default | what |
//! | --- | --- | --- |
//! | `axum` | yes | [`Caller`] is an axum extractor (else its handlers "do not implement `Handler<_, _>`") |
//! | `postgres` | no | `Postgres`: keys and users in a server that nodes share |
//! | `sqlite` | yes | [`Sqlite`]: keys and users in a file |
//! | `http-enricher` | no | `HttpEnricher`: asks an HTTP endpoint what is known of an identity |
//! | `outbound` | no | `outbound`: a layer that gives outbound requests a token for the next service |
//! | `outbound-reqwest` | no | the same for `reqwest` requests |
//! | `testing` | no | `Caller::for_test` and `SignedInLayer` for the tests of services |
//!
//! # What this crate is not
//!
//! A service behind the edge needs none of it: `remint-verify` is enough there.

mod builder;
mod edge;
mod error;
mod exchanging;
#[cfg(feature = "outbound")]
pub mod outbound;
mod pair;
mod retention;

pub use builder::RemintBuilder;
pub use edge::{Edge, Remint};
pub use error::RemintError;
pub use exchanging::{ExchangingBuilder, ExchangingEdge};

pub use async_trait::async_trait;
pub use remint_apikey::{
    ApiKey, ApiKeys, EndedKeys, ForeignDigest, ImportedKey, JustInTimeProvisioning, KeyDelivery, KeyFormat, KeyName,
    KeyStore, Leak, LegacyKey, LegacyKeyAuthenticator, LegacyKeys, LegacyUser, MemoryStore, NewKey, NewUser, Paired,
    Pairing, PairingError, Pepper, Peppers, RotateKey, RotatedKey, SecretSources, SignedUp, TextFormat,
};
pub use remint_cache::LifetimeRule;
pub use remint_core::*;
pub use remint_credential::CredentialRules;
pub use remint_dpop::{DpopVerifier, InvalidPublicUrl, MemoryReplays, Nonces, ShortSecret};
pub use remint_gate::{self as gate, Gate};
pub use remint_issuer::{
    Issuer, IssuerBuilder, IssuerError, KeyState, KeyStatus, Signer, Transaction, TransactionContext, TransactionError,
    TransactionIssuer, TransactionMintRequest, TransactionReplacement, TransactionToken,
};
pub use remint_jwt::{Algorithm, Jwk, JwkSet, SigningKey};
pub use remint_keyset::{HttpClient, KeySetSettings, KeySetState, RotatingHeaders};
#[cfg(feature = "http-enricher")]
pub use remint_normalize::HttpEnricher;
pub use remint_normalize::{Authority, FailureLimits, Normalizer, StaticEnricher};
pub use remint_oidc::{ClientCredentials, ClientSecret, Introspection, Trust};
#[cfg(feature = "postgres")]
pub use remint_postgres::Postgres;
pub use remint_quota::{Limit, Per, Plan, Plans, Quota};
pub use remint_revocation::Revocations;
#[cfg(feature = "sqlite")]
pub use remint_sqlite::Sqlite;
pub use remint_token::USUAL_MAX_LENGTH;
pub use remint_tower::*;
pub use remint_usage::Meter;
pub use remint_verify::{TransactionLayer, TransactionVerifier, Verifier, VerifyLayer};

#[cfg(all(doctest, feature = "axum", feature = "sqlite"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
