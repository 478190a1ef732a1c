//! Calls an OAuth endpoint as a client: a form goes there, a JSON object comes back.
//!
//! # Where it stands on the line
//!
//! Rank 3, below everyone who asks an authorization server: the exchange at a remote server
//! (`remint-exchange`) and issuers that are trusted by introspection (`remint-oidc`). It knows how to
//! ask, and nothing of what.
//!
//! # The decision
//!
//! A call ends with an object if and only if the server answered within the deadline with status 200,
//! `application/json`, and one JSON object within the limit, no member of which is there twice. It ends
//! with [`EndpointError::Refused`] if the server answered with a status from 400 to 499 and an object that
//! has an `error` (RFC 6749 §5.2), and with [`EndpointError::Failed`] otherwise. Whose fault it is, the
//! caller says; [`EndpointError::into_unavailable`] says that it is ours.
//!
//! A document is asked for by GET ([`Endpoint::get`]). It is found (200) or gone (410, with a problem document), or
//! the server refuses this client or knows of none (400, 401, 403, 404, 405); everything else is a failure.
//!
//! A call is made again, at most twice and after a random wait, if no connection came about or it broke,
//! or the status was 502, 503, 504, or 429 with a `Retry-After` within the deadline. It is not made again if
//! the server says that one provider is out ([`Failure::part`]).
//!
//! `invalid_client`, with whatever status, has the credentials' file read again; the call is then made once
//! more with the new credentials.
//!
//! A *breaker* stands before the server. After five failures in a row it is open: calls fail at once with
//! [`FailureKind::BreakerOpen`]. After a while one call is let through; what becomes of it closes the
//! breaker, or opens it for twice as long. A failure is an attempt without an answer, with a status of 500
//! or more and no registered OAuth error, or with an answer of 200 that cannot be read. Strangers decide what
//! the server is asked, so nothing else is one: a server that answers `temporarily_unavailable`,
//! `server_error` or 429 is there. One of ours answers so, in time, for each outage of its own
//! parts: an issuer's key set, an introspection endpoint, its store.
//!
//! # What the deployment must guarantee
//!
//! That the address of a server leads to that server: TLS and the certificates the machine trusts are the
//! ground all of this stands on. What is sent must be harmless when it arrives twice.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use remint_core::{ClientId, IssuerId};
//! use remint_oauth_client::{
//!     ClientCredentials, ClientSecret, DiscoveredServer, Endpoint, EndpointAddress, EndpointError, Form, HttpClient,
//! };
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let http = Arc::new(HttpClient::new()?);
//! let server = DiscoveredServer::new(IssuerId::new("https://auth.internal")?, http.clone())?;
//! let secret = ClientSecret::new(std::env::var("EDGE_1_SECRET")?);
//! let credentials = ClientCredentials::secret_basic(ClientId::new("edge-1")?, secret);
//! let endpoint = Endpoint::builder(EndpointAddress::Introspection(server), credentials, http).build()?;
//!
//! match endpoint.call(&Form::new().with("token", "opaque")).await {
//!     Ok(answer) => println!("active: {:?}", answer.get("active")),
//!     Err(EndpointError::Refused(error)) => println!("{}", error.code()),
//!     Err(EndpointError::Failed(failure)) => println!("{failure}, again in {:?}", failure.retry_after()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Metrics
//!
//! `remint_oauth_calls_total{endpoint,outcome}` (counter) and `remint_oauth_breaker_open{endpoint}` (gauge,
//! 0 or 1).
//!
//! # What this crate is not
//!
//! An OAuth client for people: there is no authorization endpoint and no redirect. It reads no token.

mod answer;
mod assertion;
mod breaker;
mod credentials;
mod discovery;
mod endpoint;
mod error;
mod file;
mod form;
mod metadata;
mod random;
mod retry;
mod rotating;
mod secret;
mod send;
mod telemetry;

pub use answer::Document;
pub use breaker::{BreakerSettings, BreakerState};
pub use credentials::{AssertionAudience, ClientCredentials};
pub use discovery::{DiscoveredServer, DiscoverySettings};
pub use endpoint::{Endpoint, EndpointAddress, EndpointBuilder, EndpointSettings, ForbiddenAddress};
pub use error::{EndpointError, ErrorCode, Failure, FailureKind, OAuthError};
pub use file::{CredentialsFile, CredentialsFileError};
pub use form::Form;
pub use metadata::ServerMetadata;
pub use remint_keyset::{FetchError, HttpClient, HttpClientBuilder, HttpClientError, HttpFetch, InvalidIssuerUrl, Url};
pub use rotating::RotatingCredentials;
pub use secret::ClientSecret;
pub use send::HttpSend;
