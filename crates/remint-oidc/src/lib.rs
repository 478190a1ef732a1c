//! Trust in external OpenID providers, and in any other issuer of JWTs or of tokens that it can be asked about.
//!
//! # Where it stands on the line
//!
//! It is an [`Authenticator`](remint_core::Authenticator): it turns a token into an
//! [`Authentication`](remint_core::Authentication), whose identity says who the caller is in our
//! terms.
//!
//! # The decision
//!
//! A token is accepted if and only if
//!
//! 1. it is a well-formed JWS ([`Jws::parse`](remint_jwt::Jws::parse)),
//! 2. its `iss` is, as the exact string, that of a [`Trust`], and not our own; where several trusts are in that issuer,
//!    [one of them](#several-trusts-in-one-issuer) is the trust of the rest of this list,
//! 3. its `alg` is in that trust's list,
//! 4. it is an access token as far as can be told: `typ` is absent, `JWT`, `JOSE` or `at+jwt`, and nothing
//!    shows an ID token, a refresh token, a logout token or another security event; `nonce`, `at_hash` and `c_hash`
//!    show an ID token unless `typ` is `at+jwt`, or the claim `typ` (`Bearer`, `DPoP`) or `token_use` (`access`) says
//!    what it is, or the trust is [lenient](Trust::lenient_access_tokens),
//! 5. it is not bound to its sender (`cnf`), or to one key or certificate that the sender can be asked for:
//!    then that is the authentication's [confirmation](remint_core::Confirmation),
//! 6. `aud` names one of the trust's audiences; an access token may lack it where the trust
//!    [says so](Trust::without_audience),
//! 7. the claims that name a client (`azp`, `client_id`, `appid`, `cid`), where there are any, are in the trust's list
//!    of clients; where there is such a list, one of them is there,
//! 8. `exp` is there and has not come, `iat` and `nbf` have come (with leeway), `exp − iat` is not over the
//!    maximum. `iat` is there, or in an access token `exp − now` is not over the maximum: then the token counts as
//!    issued before every revocation. The times of an access token may have fractions: `exp` is rounded down, `iat` and
//!    `nbf` are rounded up,
//! 9. its signature verifies under the key of that issuer which it names, and
//! 10. its subject is a text, its tenant is one that the issuer may speak for, and its `act` can be read.
//!
//! What decides is held to the word. What is only carried along never refuses an access token: `null` is absence, a
//! numeric `jti` or `sid` is its digits and a long one its digest ([`external_token_id`](remint_jwt::external_token_id)),
//! `auth_time` may be a text of RFC 3339, roles and groups may be the names of an object's members, `act` may be the
//! actor's `sub` itself, and a claim that does not fit (`acr`, `amr`, a scope, a role, a client that no list asks
//! for) is left out, with a line of level DEBUG that names it and not its value. A `may_act` that cannot be read means
//! that [nobody](remint_core::MayAct::nobody) may act with the token. An assertion (RFC 7523) and an ID token are
//! held to the word in all of this.
//!
//! Whether an unknown key is the caller's fault or an outage, the
//! [key set](remint_keyset::KeySet::keys) decides.
//!
//! Its ID tokens are none. Where a trust accepts them ([`Trust::id_tokens`]), an authenticator of their own
//! does, for whoever exchanges one: [`IdTokenAuthenticator`].
//!
//! # Several trusts in one issuer
//!
//! An issuer may have several trusts, one for each of its audiences or clients, with names, scopes, tenants and an
//! environment of their own. A token is held to the first of them that it is for, in the order in which they were
//! given: `aud` (6) and the claims that name a client (7) decide, and nothing else. An ID token is for a trust by the
//! clients whose ID tokens the trust accepts. A token that is for none of them is refused for what is wrong with it in
//! the nearest trust: one with its audience and not its client, else the first. A trust to which one before it leaves
//! no access token is an error ([`TrustErrorKind::DuplicateIssuer`]).
//!
//! Keys that come from one place, by the same settings, are fetched once for all of them. Links, revocations and the
//! credential of an identity name the issuer, so they are the same in each; subjects begin with the trust's name.
//! Removing an issuer removes all of its trusts.
//!
//! Where the issuer is asked about tokens (below), the first of its trusts that takes the token asks, and the answer's
//! `aud` and client say which of those by introspection it is held to.
//!
//! # Asking instead of verifying
//!
//! A trust may ask its issuer about each token ([`Trust::introspection`], RFC 7662): then the issuer's word
//! that it is active takes the place of the signature (9) and of the list of algorithms (3), what the issuer
//! says of it is held to the rest of the decision as if it stood in the token, and
//!
//! - a JWT is asked about if its `iss` is that trust's issuer, and it is a well-formed JWS that does not show
//!   by itself that it is another kind of token or has ended; its `exp` and `cnf` count as well as the
//!   issuer's;
//! - an opaque text is asked about if it stood as `Bearer` (or `DPoP`) and begins with the trust's
//!   [prefix](Introspection::opaque_prefix). Prefixes of two issuers that overlap are an error: a token is sent to
//!   nobody but its issuer;
//! - `iss` may be absent; `token_type`, if it is there, must be one of an access token; `aud` must be there
//!   unless that is [waived](Introspection::insecure_without_audience);
//! - `sub` must be there, as in a token, unless another claim names the subject. Some issuers name none in their answers for tokens of a client's own
//!   (`client_credentials`): those are refused here, and belong in JWTs;
//! - an answer counts for a minute ([`Introspection::again_after`]): the authentication ends then at the
//!   latest, and with it whatever is cached or minted of it;
//! - no answer that could be used is an outage, and so is one that says that we may not ask.
//!
//! # Whom an issuer speaks for
//!
//! An issuer speaks only for itself: the subject is `<trust name>|<sub>`, a form that no user id
//! of ours has. Where [another claim](Trust::subject_claim) names it, links and revocations know it as
//! `<claim>:<value>`. Its tenants, scopes, roles and groups pass only by the trust's lists, names that begin with `remint:`
//! never do, and entitlements are not read.
//!
//! # What the deployment must guarantee
//!
//! That each audience names this service and nothing else: a token for somebody else's audience in
//! the list is a token that somebody else can replay here. For an issuer with `{tenantid}`, that
//! no tenant can choose the `sub` of another's user: all of them share one trust name. Where opaque tokens
//! have no prefix, every text that no authenticator before this one knows is shown to their issuer: the
//! authenticator of API keys stands before this one.
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
//!     SystemClock,
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
mod auth_time;
mod authenticator;
mod check;
mod claim_map;
mod confirmation;
mod error;
mod explain;
mod fault;
mod id_token;
mod id_token_authenticator;
mod identity;
mod introspection;
mod key_origin;
mod pattern;
mod read;
mod telemetry;
mod token_type;
mod trust;
mod trusted;
mod trusts;
mod trusts_in_issuer;
mod vouching;

pub use authenticator::OidcAuthenticator;
pub use error::{TrustError, TrustErrorKind};
pub use id_token_authenticator::IdTokenAuthenticator;
pub use introspection::Introspection;
pub use remint_oauth_client::{ClientCredentials, ClientSecret, EndpointSettings, HttpSend, RotatingCredentials};
pub use trust::Trust;
