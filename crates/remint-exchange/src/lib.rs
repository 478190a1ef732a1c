//! The exchange at a remote authorization server (RFC 8693), and the layers that attach tokens to
//! outbound requests.
//!
//! # Where it stands on the line
//!
//! In place of authentication and minting, for an edge that holds no keys and no store: the credential
//! goes to the server, which says who it is and mints. And behind the line, where a service calls the
//! next one ([`outbound`]).
//!
//! # The decision
//!
//! [`RemoteExchanger`] gives a token if and only if
//!
//! 1. the credential is no token of the domain behind the edge, and as far as it says so itself it has not
//!    ended and asks for no proof that is not known here;
//! 2. the server answered the exchange with `token_type` Bearer and a JWT;
//! 3. the signature verifies under the server's key set;
//! 4. `typ` is `at+jwt`, `iss` is the exact issuer, `aud` names the audience, `exp` has not come, `iat` and
//!    `nbf` are not ahead, there is no `cnf`, and the claims spell an identity;
//! 5. it ends no later than the credential, and does not live longer than any should;
//! 6. what the answer says beside it (`remint`: networks, confirmation, plan, end of the credential) is
//!    understood to the last member, since it would otherwise be a restriction that nobody enforces.
//!
//! What the server says of the credential (`invalid_request`, `invalid_grant`) is denied. Everything else
//! (no answer, an open breaker, any other error, an answer that is not believed) is unavailable.
//!
//! A credential that is bound to its sender (`cnf`) is exchanged, and its confirmation comes back with it:
//! the line demands the proof of every request.
//!
//! # Revocations
//!
//! [`HttpLog`] is the server's revocation log, read over HTTP: what the server ends is dead here, and behind this
//! edge, as soon as its row is read. A server of ours is followed unless it does not permit that
//! ([`PermittedLog`]): then what it ends is accepted here for as long as entries are cached.
//!
//! # What the deployment must guarantee
//!
//! That the address of the server leads to that server, and that this client is one of its edges: only then
//! it is told of what a credential is restricted to. A clock that is right to within a few seconds.
//!
//! # Example
//!
//! ```
//! use remint_core::{Audience, ClientId, IssuerId};
//! use remint_exchange::{ClientCredentials, ClientSecret, RemoteExchanger};
//! use remint_normalize::Normalizer;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = IssuerId::new("https://auth.internal")?;
//! let audience = Audience::new("internal")?;
//! let secret = ClientSecret::new(std::env::var("EDGE_1_SECRET")?);
//! let credentials = ClientCredentials::secret_basic(ClientId::new("edge-1")?, secret);
//! let exchanger = RemoteExchanger::builder(issuer.clone(), audience.clone(), credentials).build()?;
//! exchanger.start().await;
//! let normalizer = Normalizer::exchanging(issuer, audience, exchanger).build()?;
//! # drop(normalizer);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `reqwest`: the outbound layers take `reqwest` requests.
//!
//! # What this crate is not
//!
//! A cache of what comes in: that is the line's. It does not decide who may act for whom: that is the
//! server's.

mod answer;
mod builder;
mod exchanger;
mod foreign;
pub mod outbound;
mod revocation_log;
mod settings;
mod subject;
mod telemetry;

pub use crate::revocation_log::{HttpLog, HttpLogBuilder, HttpLogError, PermittedLog};
pub use builder::{BuildError, RemoteExchangerBuilder};
pub use exchanger::RemoteExchanger;
pub use remint_keyset::{KeySetSettings, KeySource};
pub use remint_oauth_client::{
    AssertionAudience, BreakerSettings, BreakerState, ClientCredentials, ClientSecret, CredentialsFile,
    CredentialsFileError, DiscoveredServer, Endpoint, EndpointAddress, EndpointSettings, HttpClient,
    RotatingCredentials, Url,
};
