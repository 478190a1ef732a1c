//! The server over loopback, and edges that ask it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use remint_apikey::{ApiKeys, MemoryStore, NewUser, Pepper, Peppers};
use remint_authorization_server::{AuthorizationServer, Client, Right};
use remint_core::{
    Audience, ClientId, Clock as _, Credential, CredentialForm, Environment, IssuerId, Slot, SystemClock, UserId,
};
use remint_dpop::MemoryReplays;
use remint_exchange::{
    BreakerState, ClientCredentials, ClientSecret, EndpointSettings, KeySetSettings, KeySource, RemoteExchanger, Url,
};
use remint_issuer::Issuer;
use remint_keyset::HttpClient;
use remint_normalize::{Authority, HttpEnricher, Normalizer};
use remint_oidc::{Introspection, OidcAuthenticator, Trust};
use remint_revocation::Revocations;
use remint_tower::NormalizeLayer;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::provider::Provider;

const SECRET: &str = "edge-0123456789-abcdefghijklmnopq";
const ISSUER: &str = "https://auth.internal";
/// Longer than anything takes that is answered at all, and shorter than a fetch of a key set that hangs.
const PATIENCE: Duration = Duration::from_secs(7);

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) provider: Arc<Provider>,
    /// An issuer whose key set is an error, and one whose key set does not come.
    pub(crate) dead: String,
    pub(crate) hanging: String,
    /// Keys that work.
    pub(crate) keys: Vec<String>,
    server: String,
    authority: Authority,
    /// How long an edge waits for the server.
    deadline: Duration,
}

impl World {
    /// One in which only a dead peer answers late, however slow the machine is.
    pub(crate) async fn start() -> Self {
        Self::with(
            KeySetSettings { fetch_timeout: Duration::from_secs(1), ..KeySetSettings::default() },
            (PATIENCE, 2 * PATIENCE),
        )
        .await
    }

    /// One whose server answers in half a second, though the hanging issuer is waited for as long as usual.
    pub(crate) async fn quick() -> Self {
        Self::with(KeySetSettings::default(), (Duration::from_millis(500), Duration::from_secs(4))).await
    }

    async fn with(hanging_keys: KeySetSettings, (answer_within, deadline): (Duration, Duration)) -> Self {
        let provider = Provider::start().await;
        let [dead, hanging] = ["dead", "hanging"].map(|name| format!("{}/{name}", provider.url));
        let (own, audience): (IssuerId, Audience) = (ISSUER.parse().unwrap(), "internal".parse().unwrap());
        let issuer = Arc::new(Issuer::builder(own.clone(), audience.clone()).build().unwrap());
        let clock = Arc::new(SystemClock);
        let revocations = Revocations::in_memory(clock.clone()).unwrap();
        let peppers = Peppers::new(Pepper::from_bytes(&[7; 32]).unwrap());
        let api_keys = ApiKeys::new(Arc::new(MemoryStore::new()), peppers, Arc::new(revocations.clone()));
        let http = Arc::new(HttpClient::new().unwrap());
        let oidc =
            OidcAuthenticator::new(own.clone(), trusts(&provider, &dead, &hanging, hanging_keys), http, clock).unwrap();
        // Not awaited: one of the key sets never comes.
        let oidc = Arc::new(oidc);
        let starting = Arc::clone(&oidc);
        tokio::spawn(async move { starting.start().await });
        let enricher = HttpEnricher::new(&format!("{}/enrich", provider.url), PATIENCE).unwrap();
        let line = Normalizer::builder(own, audience, Arc::clone(&issuer))
            .authenticator(api_keys.authenticator())
            .authenticator(oidc)
            .enricher(enricher)
            .revocations(revocations)
            .build()
            .unwrap();
        let authority = line.authority().unwrap().clone();
        let edge = Client::with_secret(ClientId::new("edge").unwrap(), SECRET).edge();
        let app = AuthorizationServer::new(authority.clone(), issuer, Arc::new(MemoryReplays::new(1000)))
            .client(edge.may([Right::Exchange, Right::Introspect]))
            .api_keys(api_keys.clone())
            .answer_within(answer_within)
            .into_router()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut keys = Vec::new();
        for _ in 0..50 {
            let user = NewUser::new(UserId::new(format!("user-{}", keys.len())).unwrap());
            let made = api_keys.sign_up(user.issuing([Environment::Live])).await.unwrap();
            keys.push(made.keys[0].0.expose_secret().to_owned());
        }
        Self { provider, dead, hanging, keys, server, authority, deadline }
    }

    /// The claims of a token that is accepted, with these changed.
    pub(crate) fn claims(&self, changes: Value) -> Value {
        let now = SystemClock.now().as_secs();
        let mut claims =
            json!({ "iss": self.provider.url, "aud": "api", "sub": "alice", "iat": now, "exp": now + 300 });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    /// A valid token that was never seen.
    pub(crate) fn valid(&self, n: usize) -> String {
        self.provider.sign(&self.claims(json!({ "jti": format!("valid-{n}") })))
    }

    /// Internal tokens.
    pub(crate) async fn minted(&self, count: usize) -> Vec<String> {
        let mut minted = Vec::new();
        for n in 0..count {
            let (minting, external) = (self.authority.begin(), self.valid(n));
            let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, &external);
            let authentication = minting.authenticate(credential).await.unwrap().into_inner();
            let ends = authentication.expires_at;
            let token = minting.issue(&minting.narrow(authentication), ends, &[]).await.unwrap();
            minted.push(token.expose_secret().to_owned());
        }
        minted
    }

    /// An edge without keys.
    pub(crate) fn exchanging_edge(&self) -> Edge {
        let (own, audience): (IssuerId, Audience) = (ISSUER.parse().unwrap(), "internal".parse().unwrap());
        let exchanger = RemoteExchanger::builder(own.clone(), audience.clone(), credentials())
            .token_endpoint(self.at("/oauth2/token"))
            .keys(KeySource::JwksUri(self.at("/.well-known/jwks.json")))
            .opaque_prefix("op_")
            .endpoint_settings(waiting(self.deadline))
            .build()
            .unwrap();
        Edge::new(&Normalizer::exchanging(own, audience, exchanger.clone()).build().unwrap(), Some(exchanger))
    }

    /// An edge of somebody else, who asks the server about its tokens.
    pub(crate) fn introspecting_edge(&self) -> Edge {
        let (own, audience): (IssuerId, Audience) =
            ("https://other.internal".parse().unwrap(), "other".parse().unwrap());
        let asked = Introspection::new(credentials()).endpoint(self.at("/oauth2/introspect")).opaque_prefix("rmt_");
        let asked = asked.endpoint_settings(waiting(self.deadline));
        let trust = Trust::oidc(ISSUER, "internal").introspection(asked);
        let http = Arc::new(HttpClient::new().unwrap());
        let oidc = OidcAuthenticator::new(own.clone(), [trust], http, SystemClock).unwrap();
        let issuer = Issuer::builder(own.clone(), audience.clone()).build().unwrap();
        Edge::new(&Normalizer::builder(own, audience, issuer).authenticator(oidc).build().unwrap(), None)
    }

    fn at(&self, path: &str) -> Url {
        [&self.server, path].concat().parse().unwrap()
    }
}

fn credentials() -> ClientCredentials {
    ClientCredentials::secret_basic(ClientId::new("edge").unwrap(), ClientSecret::new(SECRET))
}

fn waiting(deadline: Duration) -> EndpointSettings {
    EndpointSettings { deadline, ..EndpointSettings::default() }
}

fn trusts(provider: &Provider, dead: &str, hanging: &str, hanging_keys: KeySetSettings) -> Vec<Trust> {
    let at = |path: &str| format!("{}{path}", provider.url);
    let asked = |path: &str, prefix: &str| {
        let asked = Introspection::new(credentials()).endpoint(at(path)).opaque_prefix(prefix);
        asked.endpoint_settings(waiting(PATIENCE))
    };
    vec![
        Trust::oidc(&provider.url, "api").named("idp").jwks_uri(at("/jwks")),
        Trust::oidc(dead, "api").named("dead").jwks_uri(at("/jwks/dead")),
        Trust::oidc(hanging, "api").named("hanging").jwks_uri(at("/jwks/hanging")).key_set_settings(hanging_keys),
        Trust::oidc(at("/opaque"), "api").named("opaque").introspection(asked("/introspect", "op_a_")),
        Trust::oidc(at("/gone"), "api").named("gone").introspection(asked("/introspect/dead", "op_b_")),
    ]
}

#[derive(Clone)]
pub(crate) struct Edge {
    app: Router,
    exchanger: Option<RemoteExchanger>,
}

impl Edge {
    fn new(normalizer: &Normalizer, exchanger: Option<RemoteExchanger>) -> Self {
        let app = Router::new().route("/", get(|| async {})).layer(NormalizeLayer::new(normalizer.clone()));
        Self { app, exchanger }
    }

    pub(crate) async fn status(&self, request: Request<Body>) -> StatusCode {
        self.app.clone().oneshot(request).await.unwrap().status()
    }

    pub(crate) fn breaker(&self) -> BreakerState {
        self.exchanger.as_ref().unwrap().endpoint().breaker()
    }
}

pub(crate) fn bearer(token: &str) -> Request<Body> {
    Request::get("/").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap()
}

pub(crate) fn key(text: &str) -> Request<Body> {
    Request::get("/").header("x-api-key", text).body(Body::empty()).unwrap()
}
