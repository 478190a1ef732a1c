//! The internal OAuth 2 authorization server, as an axum `Router`.
//!
//! # Where it stands on the line
//!
//! It enters at the Authenticator: a token endpoint's business is the miss. Who is authenticated, what is
//! known of them and what is minted, the [`Authority`](remint_normalize::Authority) of the edge decides; this crate
//! adds who may ask.
//!
//! # The decision
//!
//! A token is issued if and only if
//!
//! 1. the request is a POST of a form without a parameter twice, of at most 64 KiB (RFC 6749 §3.2);
//! 2. exactly one known client has proven who it is (§2.3): by a secret, or by an assertion that was never
//!    used before (RFC 7523 §2.2);
//! 3. the client may use the grant;
//! 4. the client may ask for every audience that is named;
//! 5. the grant's own rule holds: the subject token is of the type it is said to be, valid now, not revoked,
//!    of an issuer whose credentials this client may bring, and bound to nothing but itself unless the
//!    client is an edge of ours; an internal one is for an audience of this client; an actor has the right
//!    to act for the subject;
//! 6. the scope is no wider than the subject's and the client's;
//! 7. it is of the environment that the authority demands, if it demands one;
//! 8. nothing of it was revoked meanwhile.
//!
//! The token ends no later than all it comes from, and `act` grows and never shrinks.
//!
//! What a token says and whether it counts, [introspection](https://www.rfc-editor.org/rfc/rfc7662) tells; a
//! token or an API key ends by [revocation](https://www.rfc-editor.org/rfc/rfc7009). Both are asked by a client
//! that has proven who it is and has the right, and a client that is no edge speaks of tokens for its own
//! audiences only.
//!
//! A client with the right to follow reads the [revocation log](Followers) at `GET /v1/revocations`: what was ended
//! is dead at edges and behind them without a question for each request.
//!
//! An outage is 503 with `temporarily_unavailable`, never one of the client's errors. Its member
//! `remint.unavailable` names the part that is out, as the metrics do (`key_set`, `introspection`, `store`, …):
//! while one issuer is out, the server is not.
//!
//! # What the deployment must guarantee
//!
//! - An edge in the same process has the server's authority, or follows the same revocation log: so it refuses what
//!   the server ends.
//! - A server that bounds its connections gives those that wait for the log a place of their own ([`FollowerPlace`]).
//! - Nodes of one server share the store of what is used once.
//! - The server states the client's address ([`ClientAddr`](remint_core::ClientAddr)), so that failed attempts are
//!   counted by it.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::Router;
//! use remint_authorization_server::{AuthorizationServer, Client, DuplicateClient, Right};
//! use remint_core::ReplayStore;
//! use remint_issuer::Issuer;
//! use remint_normalize::Authority;
//!
//! # fn serve(authority: Authority, issuer: Arc<Issuer>, replays: Arc<dyn ReplayStore>, secret: &str) ->
//! Result<Router, Box<dyn std::error::Error>> { let edge = Client::with_secret("edge-1".parse()?,
//! secret).may([Right::Exchange]); let router = AuthorizationServer::new(authority, issuer,
//! replays).client(edge).into_router()?;
//! # Ok(router) }
//! ```
//!
//! # What this crate is not
//!
//! It opens no socket and reads no settings. It has no authorization endpoint: nobody signs in here.

mod acting;
mod answer;
mod assertion;
mod authorization_server;
mod client;
mod client_authentication;
mod clients;
mod error;
mod follow;
mod form;
mod grant;
mod internal;
mod introspect;
mod issue;
mod metadata;
mod party;
mod paths;
mod policy;
mod request;
mod revoke;
mod server;
mod throttle;
mod token;
mod token_inquiry;
mod token_origin;
mod trail;
mod transaction;

pub use crate::authorization_server::{AuthorizationServer, DuplicateClient};
pub use crate::client::{Client, Right};
pub use crate::follow::{FollowerPlace, Followers, describe_revocation_log};
pub use crate::paths::REVOCATION_LOG_PATH;
