//! An authorization server with a real issuer, real trust and a real store, in memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, Request, StatusCode};
use remint_apikey::{ApiKeys, LinkedAuthenticator, MemoryStore, NewKey, NewUser, Pepper, Peppers};
use remint_authorization_server::{AuthorizationServer, Client, Right};
use remint_conformance::key_store::Severable;
use remint_core::{
    ActFor, Audience, ClientAddr, ClientId, Clock as _, Environment, IssuerId, ReplayKey, ReplayStore, Revocation,
    RevocationWriter, Revoker, Target, Timestamp, Unavailable, UnavailableKind, UserId,
};
use remint_issuer::Issuer;
use remint_jwt::{Algorithm, JwkSet, Jws, SigningKey};
use remint_keyset::{FetchError, HttpFetch, Url};
use remint_normalize::{Authority, Normalizer, NormalizerBuilder};
use remint_oidc::{OidcAuthenticator, Trust};
use remint_revocation::{MemoryLog, Revocations};
use remint_testkit::ManualClock;
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;
use url::form_urlencoded;

pub(crate) const ISSUER: &str = "https://auth.internal";
pub(crate) const IDP: &str = "https://idp.example";
pub(crate) const OTHER_IDP: &str = "https://other.example";
pub(crate) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
pub(crate) const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
pub(crate) const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
pub(crate) const API_KEY: &str = "urn:remint:params:oauth:token-type:api-key";

/// The secret of a client of this name.
pub(crate) fn secret(client: &str) -> String {
    format!("{client}-0123456789-abcdefghijklmnopq")
}

pub(crate) struct World {
    pub(crate) app: Router,
    pub(crate) clock: ManualClock,
    pub(crate) idp: SigningKey,
    pub(crate) client_key: SigningKey,
    pub(crate) keys: ApiKeys,
    pub(crate) store: Arc<Severable<MemoryStore>>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) authority: Authority,
    pub(crate) replays: Arc<Replays>,
    pub(crate) revocations: Revocations,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn error(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["error"].as_str().unwrap_or("none"))
    }

    pub(crate) fn token(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["access_token"].as_str().unwrap().to_owned()
    }

    /// The claims of the token, which verifies under the published keys.
    pub(crate) fn claims(&self, world: &World) -> Map<String, Value> {
        let token = self.token();
        let jws = Jws::parse(&token).unwrap();
        assert_eq!(jws.header().token_type(), Some("at+jwt"));
        let key = world.issuer.key_set().find(jws.header().key_id(), jws.header().algorithm()).unwrap();
        jws.verify(&key).unwrap().into_inner().into_map()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|server| server).await
    }

    pub(crate) async fn with(change: impl FnOnce(AuthorizationServer) -> AuthorizationServer) -> Self {
        Self::over(|line| line, change).await
    }

    /// The same over a log of the test's own.
    pub(crate) async fn logging(log: Arc<dyn RevocationWriter>) -> Self {
        Self::over_log(log, |line| line, |server| server).await
    }

    /// The same over a line that is changed, too.
    pub(crate) async fn over(
        line: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder,
        change: impl FnOnce(AuthorizationServer) -> AuthorizationServer,
    ) -> Self {
        Self::over_log(Arc::new(MemoryLog::new(4096).unwrap()), line, change).await
    }

    async fn over_log(
        log: Arc<dyn RevocationWriter>,
        line: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder,
        change: impl FnOnce(AuthorizationServer) -> AuthorizationServer,
    ) -> Self {
        let clock = ManualClock::default();
        let revocations = Revocations::follow(log, clock.clone()).await.unwrap();
        let peppers = Peppers::new(Pepper::from_bytes(&[7; 32]).unwrap());
        let store = Arc::new(Severable::new(MemoryStore::new()));
        let keys = ApiKeys::new(Arc::new(Arc::clone(&store)), peppers, Arc::new(revocations.clone()))
            .with_clock(clock.clone());
        let (own, audience) = (IssuerId::new(ISSUER).unwrap(), Audience::new("internal").unwrap());
        let issuer = Issuer::builder(own.clone(), audience.clone()).clock(clock.clone()).build().unwrap();
        let issuer = Arc::new(issuer);
        let [idp, client_key] = [(); 2].map(|()| SigningKey::generate(Algorithm::Es256).unwrap());
        let set = |key: &SigningKey| JwkSet::try_from(vec![key.public_jwk().clone()]).unwrap();
        let trusts = [(IDP, "idp"), (OTHER_IDP, "other")].map(|(issuer, name)| {
            Trust::oidc(issuer, "api")
                .named(name)
                .key_set(set(&idp))
                .allow_scopes(["*"])
                .allow_roles(["*"])
                .allow_groups(["*"])
                .tenants(["acme"])
        });
        let oidc = OidcAuthenticator::new(own.clone(), trusts, Arc::new(NoHttp), clock.clone()).unwrap();
        oidc.start().await;
        let normalizer = line(Normalizer::builder(own, audience, Arc::clone(&issuer)))
            .authenticator(LinkedAuthenticator::new(Arc::new(oidc), keys.clone()))
            .authenticator(keys.authenticator())
            .revocations(revocations.clone())
            .clock(clock.clone())
            .build()
            .unwrap();
        let replays = Arc::new(Replays::default());
        let authority = normalizer.authority().unwrap().clone();
        let server = AuthorizationServer::new(authority.clone(), Arc::clone(&issuer), Arc::clone(&replays) as _);
        let server = clients(&client_key).into_iter().fold(server, AuthorizationServer::client);
        let server = server.api_keys(keys.clone()).revocation_endpoint();
        let app = change(server).into_router().unwrap();
        Self { app, clock, idp, client_key, keys, store, issuer, authority, replays, revocations }
    }

    /// A server with the client `svc` over another line of the same issuer.
    pub(crate) fn server_of(&self, line: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder) -> Router {
        let (own, audience) = (IssuerId::new(ISSUER).unwrap(), Audience::new("internal").unwrap());
        let normalizer = line(Normalizer::builder(own, audience, Arc::clone(&self.issuer)))
            .revocations(self.revocations.clone())
            .clock(self.clock.clone())
            .build()
            .unwrap();
        let (authority, replays) = (normalizer.authority().unwrap().clone(), Arc::clone(&self.replays));
        let client = Client::with_secret(ClientId::new("svc").unwrap(), &secret("svc"));
        let client = client.may([Right::Exchange, Right::JwtBearer, Right::ClientCredentials]);
        AuthorizationServer::new(authority, Arc::clone(&self.issuer), replays).client(client).into_router().unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.app.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The token endpoint, asked by this client with its secret.
    pub(crate) async fn token(&self, client: &str, form: &[(&str, &str)]) -> Answer {
        self.send(post("/oauth2/token", &basic(client, &secret(client)), form)).await
    }

    /// The exchange of this subject token by this client, with further parameters.
    pub(crate) async fn exchange(&self, client: &str, (kind, text): (&str, &str), more: &[(&str, &str)]) -> Answer {
        let exchange = [("grant_type", EXCHANGE), ("subject_token_type", kind), ("subject_token", text)];
        self.token(client, &[&exchange, more].concat()).await
    }

    /// The same with an actor token.
    pub(crate) async fn delegate(&self, client: &str, subject: (&str, &str), (kind, actor): (&str, &str)) -> Answer {
        self.exchange(client, subject, &[("actor_token", actor), ("actor_token_type", kind)]).await
    }

    /// A client's own token.
    pub(crate) async fn own_token(&self, client: &str) -> String {
        self.token(client, &[("grant_type", "client_credentials")]).await.token()
    }

    /// A token of the identity provider for alice, with these claims changed or, where `null`, left out.
    pub(crate) fn external(&self, changes: Value) -> String {
        let now = self.clock.now().as_secs();
        let claims = json!({
            "iss": IDP, "aud": "api", "sub": "alice", "iat": now, "exp": now + 3600, "jti": "ext-1",
            "azp": "web", "scope": "read write",
        });
        self.idp.sign("JWT", &changed(claims, changes)).unwrap()
    }

    /// A client assertion of the client `signed`, likewise.
    pub(crate) fn assertion(&self, changes: Value) -> String {
        let now = self.clock.now().as_secs();
        let claims = json!({
            "iss": "signed", "sub": "signed", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "a-1",
        });
        self.client_key.sign("JWT", &changed(claims, changes)).unwrap()
    }

    /// A new user with these scopes, and the text of a key of theirs.
    pub(crate) async fn user(&self, id: &str, scopes: &str) -> String {
        let user = NewUser::new(UserId::new(id).unwrap()).with_scopes(scopes.parse().unwrap());
        let signed_up = self.keys.sign_up(user.issuing([Environment::Live])).await.unwrap();
        signed_up.keys[0].0.expose_secret().to_owned()
    }

    /// A further key of this user.
    pub(crate) async fn key(&self, new: NewKey) -> String {
        self.keys.create(new).await.unwrap().0.expose_secret().to_owned()
    }

    pub(crate) async fn revoke(&self, target: Target) {
        let at = self.clock.now();
        self.revocations.revoke(Revocation::ended(target, at)).await.unwrap();
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// Everyone who may ask.
fn clients(key: &SigningKey) -> Vec<Client> {
    let id = |name: &str| ClientId::new(name).unwrap();
    let new = |name: &str| Client::with_secret(id(name), &secret(name));
    let audience = |name: &str| Audience::new(name).unwrap();
    let keys = JwkSet::try_from(vec![key.public_jwk().clone()]).unwrap();
    let alice = ActFor {
        users: vec![UserId::new("alice").unwrap()],
        scopes: Some("read".parse().unwrap()),
        ..ActFor::default()
    };
    let exchange = [Right::Exchange];
    vec![
        new("edge").may([Right::Exchange, Right::JwtBearer, Right::Introspect, Right::Revoke]).edge(),
        new("svc").may(Right::ALL).audiences([audience("internal"), audience("orders")]),
        new("orders").may(exchange).audiences([audience("stock")]).subject_audiences([audience("orders")]),
        new("narrow")
            .may(exchange)
            .issuers([IssuerId::new(IDP).unwrap()])
            .audiences([audience("orders")])
            .scopes("read".parse().unwrap()),
        new("worker").may([Right::ClientCredentials, Right::Exchange]).act_for(alice),
        new("idler").may([Right::ClientCredentials, Right::Exchange]).scopes("jobs".parse().unwrap()),
        new("nobody"),
        new("a:b").may([Right::ClientCredentials]),
        Client::with_keys(id("signed"), keys).may([Right::ClientCredentials, Right::Follow]),
    ]
}

fn changed(mut claims: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

/// `Authorization: Basic …` as it stands.
pub(crate) fn basic(id: &str, secret: &str) -> Vec<(&'static str, String)> {
    vec![("authorization", format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))]
}

/// A form.
pub(crate) fn form(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// A POST of this form.
pub(crate) fn post(path: &str, headers: &[(&str, String)], parameters: &[(&str, &str)]) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    request.body(form(parameters).into()).unwrap()
}

/// The same from an address.
pub(crate) fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(ClientAddr(address.parse::<IpAddr>().unwrap()));
    request
}

/// What `act` says of a client that nobody acted before.
pub(crate) fn client_actor(id: &str) -> Value {
    json!({ "sub": format!("client|{id}"), "cred": { "kind": "client", "id": id } })
}

/// A client that acts after another one did.
pub(crate) fn client_actor_after(id: &str, before: Value) -> Value {
    let mut act = client_actor(id);
    act["act"] = before;
    act
}

/// A token with one byte of its signature changed.
pub(crate) fn forged(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes[10] ^= 1;
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// What was used, and an outage at will.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    used: Mutex<HashMap<ReplayKey, Timestamp>>,
    pub(crate) severed: AtomicBool,
}

#[async_trait]
impl ReplayStore for Replays {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        if self.severed.load(Ordering::SeqCst) {
            return Err(Unavailable::new(UnavailableKind::Store));
        }
        let mut used = self.used.lock().unwrap();
        used.retain(|_, end| *end > now);
        Ok(used.insert(key, until).is_none())
    }
}

/// No document is to be had: the keys are given.
#[derive(Debug)]
struct NoHttp;

#[async_trait]
impl HttpFetch for NoHttp {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Status(500))
    }

    async fn get_with(&self, url: &Url, headers: &HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}
