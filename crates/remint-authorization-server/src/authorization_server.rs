use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{any, get};
use remint_apikey::ApiKeys;
use remint_core::{Audience, Authenticator, ClientId, ReplayStore, Scopes};
use remint_issuer::{Issuer, IssuerError, TransactionIssuer};
use remint_normalize::Authority;

use crate::client::Client;
use crate::clients::Clients;
use crate::follow::Followers;
use crate::internal::InternalTokens;
use crate::metadata::Metadata;
use crate::paths::{INTROSPECTION_PATH, JWKS_PATH, REVOCATION_LOG_PATH, REVOCATION_PATH, TOKEN_PATH};
use crate::server::{Server, Shared};
use crate::throttle::Throttle;

/// The authorization server, as a router to be served or merged into another one.
///
/// It has the routes `/oauth2/*` and `/.well-known/*` of the documents it publishes, and no fallback.
#[derive(Debug)]
#[must_use = "nothing is served before `into_router`"]
pub struct AuthorizationServer {
    authority: Authority,
    issuer: Arc<Issuer>,
    base: String,
    clients: Vec<Client>,
    replays: Arc<dyn ReplayStore>,
    id_tokens: Option<Arc<dyn Authenticator>>,
    transactions: Option<TransactionIssuer>,
    api_keys: Option<ApiKeys>,
    revokes: bool,
    followers: Option<Followers>,
    scopes: Option<Scopes>,
    answer_within: Duration,
}

impl AuthorizationServer {
    /// A server without clients over this authority, which mints by this issuer. What clients use once
    /// (assertions) is remembered in `replays`: nodes that share one refuse what another has seen.
    pub fn new(authority: Authority, issuer: Arc<Issuer>, replays: Arc<dyn ReplayStore>) -> Self {
        let base = issuer.id().as_str().trim_end_matches('/').to_owned();
        Self {
            authority,
            issuer,
            base,
            clients: Vec::new(),
            replays,
            id_tokens: None,
            transactions: None,
            api_keys: None,
            revokes: false,
            followers: None,
            scopes: None,
            answer_within: Duration::from_millis(1500),
        }
    }

    /// The address at which others reach it: the issuer's unless set. A `/` at its end is not part of it.
    pub fn at(mut self, base: impl Into<String>) -> Self {
        self.base = base.into().trim_end_matches('/').to_owned();
        self
    }

    /// One more client.
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Accepts ID tokens as subject tokens, as far as this authenticator does: nobody's unless set.
    pub fn id_tokens(mut self, authenticator: impl Authenticator) -> Self {
        self.id_tokens = Some(Arc::new(authenticator));
        self
    }

    /// Issues transaction tokens of this trust domain, which live for a minute at most, to clients among whose
    /// audiences it is: nobody gets one unless set.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Setting`] if the trust domain is an audience of internal tokens.
    pub fn transactions(mut self, trust_domain: Audience) -> Result<Self, IssuerError> {
        self.transactions = Some(TransactionIssuer::new(Arc::clone(&self.issuer), trust_domain)?);
        Ok(self)
    }

    /// API keys can be introspected and revoked.
    pub fn api_keys(mut self, keys: ApiKeys) -> Self {
        self.api_keys = Some(keys);
        self
    }

    /// Tokens can be revoked (RFC 7009), by the authority's own
    /// [revocations](remint_normalize::Authority::revocations): there is no revocation endpoint unless set.
    pub const fn revocation_endpoint(mut self) -> Self {
        self.revokes = true;
        self
    }

    /// Clients with the right to [follow](crate::Right::Follow) read the revocation log of these at
    /// `/v1/revocations`: there is no such path unless set. Another router may have the other methods of the path.
    pub fn followers(mut self, followers: Followers) -> Self {
        self.followers = Some(followers);
        self
    }

    /// The scopes that its metadata names (`scopes_supported`, RFC 8414 §2): none unless set. Nobody gets a
    /// scope by it.
    pub fn scopes_supported(mut self, scopes: Scopes) -> Self {
        self.scopes = Some(scopes);
        self
    }

    /// How long the token endpoint and introspection may take to answer (1.5 s unless set). Then they answer
    /// 503 `temporarily_unavailable`, and what was asked elsewhere meanwhile (an issuer's key set, say) goes on.
    /// It should be less than the deadline of every edge (2 s unless set): an edge that gets no
    /// answer takes the server for dead.
    pub const fn answer_within(mut self, time: Duration) -> Self {
        self.answer_within = time;
        self
    }

    /// The router.
    ///
    /// Failed attempts are counted by the client's address as the server states it
    /// ([`ClientAddr`](remint_core::ClientAddr), or [`PeerAddr`](remint_core::PeerAddr) where none is stated);
    /// without either, by the client alone.
    ///
    /// # Errors
    ///
    /// [`DuplicateClient`] for two of one id.
    pub fn into_router(self) -> Result<Router, DuplicateClient> {
        let mut known = HashMap::new();
        for client in self.clients {
            if let Some(other) = known.insert(client.id.as_str().to_owned(), client) {
                return Err(DuplicateClient(other.id));
            }
        }
        let clock = Arc::clone(self.authority.clock());
        let clients = Clients {
            known,
            audiences: vec![
                self.issuer.id().to_string(),
                [&self.base, TOKEN_PATH].concat(),
                [&self.base, REVOCATION_LOG_PATH].concat(),
            ],
            replays: self.replays,
            clock: Arc::clone(&clock),
            throttle: Throttle::default(),
        };
        let internal = InternalTokens {
            issuer: Arc::clone(&self.issuer),
            revocations: self.authority.revocations().clone(),
            clock,
        };
        let jwks = Arc::clone(&self.issuer);
        let revokes = self.revokes;
        let scopes = self.scopes.as_ref();
        let transacts = self.transactions.is_some();
        let is_followed = self.followers.is_some();
        let metadata =
            Metadata { issuer: &self.issuer, base: &self.base, revokes, is_followed, transacts, scopes }.routes();
        let server = Shared(Arc::new(Server {
            authority: self.authority,
            issuer: self.issuer,
            internal,
            clients,
            id_tokens: self.id_tokens,
            transactions: self.transactions,
            api_keys: self.api_keys,
            followers: self.followers,
            answer_within: self.answer_within,
        }));
        let mut router = Router::new()
            .route(TOKEN_PATH, any(crate::token::endpoint))
            .route(INTROSPECTION_PATH, any(crate::introspect::endpoint))
            .route(JWKS_PATH, get(|| async move { jwks.jwks_response().map(Body::from) }))
            .merge(metadata);
        if revokes {
            router = router.route(REVOCATION_PATH, any(crate::revoke::endpoint));
        }
        if is_followed {
            router = router.route(REVOCATION_LOG_PATH, get(crate::follow::endpoint));
        }
        Ok(router.with_state(server))
    }
}

/// Two clients of one id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there are two clients {0}")]
pub struct DuplicateClient(pub ClientId);
