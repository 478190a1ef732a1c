//! The harness of the end-to-end tests: programs that nobody here wrote, started on free ports of
//! 127.0.0.1 and stopped when dropped.
//!
//! - [`Provider`]: an OpenID provider (npm `oidc-provider`), which rotates its keys, dies and comes
//!   back as it is told.
//! - [`Verifier`]: two JWT libraries (npm `jose`, PyPI `PyJWT`), which verify our tokens by our
//!   published keys.
//! - [`Edge`]: ours, with a service behind it.
//! - [`Authorization`]: our authorization server, and [`OAuthClient`]: clients (npm `openid-client` and
//!   `oauth4webapi`, PyPI `Authlib` and `google-auth`) that drive it, or present a bound token to an edge.
//! - [`Quickstart`]: the example of that name, with a real provider.
//!
//! The tests are behind the feature `peers`, and `cargo xtask test` installs what they need.

mod answer;
mod authorization;
mod behind;
mod edge;
mod oauth_client;
mod provider;
mod quickstart;
mod script;
mod server;
mod verifier;

pub use answer::Answer;
pub use authorization::{Authorization, trusted};
pub use edge::Edge;
pub use oauth_client::OAuthClient;
pub use provider::{Algorithm, Provider, UserTokens};
pub use quickstart::Quickstart;
pub use script::PATIENCE;
pub use verifier::{Question, Verified, Verifier};

/// What a step of a test comes to; the error is for people.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
