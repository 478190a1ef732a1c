//! Trust in external OpenID providers, and in any other issuer of JWTs.
//!
//! # Where it stands on the line
//!
//! It is an [`Authenticator`](remint_core::Authenticator): it turns a JWT into an
//! [`Authentication`](remint_core::Authentication), whose identity says who the caller is in our
//! terms.
//!
//! # The decision
//!
//! A token is accepted if and only if
//!
//! 1. it is a well-formed JWS ([`Jws::parse`](remint_jwt::Jws::parse)),
//! 2. its `iss` is, as the exact string, that of a [`Trust`], and not our own,
//! 3. its `alg` is in that trust's list,
//! 4. it is an access token as far as can be told: `typ` is absent, `JWT` or `at+jwt`, and nothing
//!    shows an ID token, a refresh token, a logout token or another security event,
//! 5. it is not bound to its sender (`cnf`), or to one key or certificate that the sender can be asked for:
//!    then that is the authentication's [confirmation](remint_core::Confirmation),
//! 6. `aud` names one of the trust's audiences,
//! 7. `azp` and `client_id`, where there are any, are in the trust's list of clients; where there
//!    is such a list, one of them is there,
//! 8. `exp` has not come, `iat` and `nbf` have come (with leeway), `exp − iat` is not over the
//!    maximum; `exp` and `iat` are there,
//! 9. its signature verifies under the key of that issuer which it names, and
//! 10. every claim that is taken over is of its type, and its tenant is one that the issuer may
//!     speak for.
//!
//! Whether an unknown key is the caller's fault or an outage, the
//! [key set](remint_keyset::KeySet::key) decides.
//!
//! Its ID tokens are none. Where a trust accepts them ([`Trust::id_tokens`]), an authenticator of their own
//! does, for whoever exchanges one: [`IdTokenAuthenticator`].
//!
//! An issuer speaks only for itself: the subject is `<trust name>|<sub>`, a form that no user id
//! of ours has. Its tenants and scopes pass only by the trust's lists, and `remint:*` never does.
//!
//! # What the deployment must guarantee
//!
//! That each audience names this service and nothing else: a token for somebody else's audience in
//! the list is a token that somebody else can replay here. For an issuer with `{tenantid}`, that
//! no tenant can choose the `sub` of another's user: all of them share one trust name.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use remint_core::{IssuerId, SystemClock};
//! use remint_keyset::HttpClient;
//! use remint_oidc::{OidcAuthenticator, Trust};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let authenticator = OidcAuthenticator::new(
//!     IssuerId::new("https://auth.internal")?,
//!     [
//!         Trust::oidc("https://acme.example", "api").tenants(["acme"]).allow_scopes(["orders:read"]),
//!         Trust::oidc("https://login.microsoftonline.com/{tenantid}/v2.0", "api")
//!             .named("entra")
//!             .tenants(["9188040d-6c67-4c5b-b112-36a304b66dad"]),
//!     ],
//!     Arc::new(HttpClient::new()?),
//!     Arc::new(SystemClock),
//! )?;
//! assert_eq!(authenticator.issuers().len(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! A client that logs users in. It has no redirect, no session and no userinfo.

mod actor;
mod allow;
mod authenticator;
mod check;
mod claim_map;
mod confirmation;
mod error;
mod id_token;
mod identity;
mod introspection;
mod pattern;
mod read;
mod token_type;
mod trust;
mod trusted;
mod trusts;

pub use authenticator::OidcAuthenticator;
pub use error::{TrustError, TrustErrorKind};
pub use id_token::IdTokenAuthenticator;
pub use introspection::Introspection;
pub use remint_oauth::{ClientCredentials, ClientSecret, EndpointSettings, HttpSend, RotatingCredentials};
pub use trust::Trust;
