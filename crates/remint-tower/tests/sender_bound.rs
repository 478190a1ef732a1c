//! A token that is bound to its sender passes with a proof of the sender, in every request: what is cached is
//! the token, never the proof.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::Full;
use remint_conformance::replay_store::Severable;
use remint_core::{
    Audience, Authentication, ClientCertificate, Clock as _, Confirmation, Credential, Exchanged, Exchanger, Identity,
    IssuerId, MintRequest, Refusal, Timestamp, TokenIssuer as _, Verified,
};
use remint_dpop::{DpopVerifier, MemoryReplays, Nonces};
use remint_jwt::{Algorithm, SigningKey};
use remint_normalize::{Normalizer, NormalizerBuilder};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of, jwt_of};
use remint_tower::{ClientCertificateLayer, NormalizeLayer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

type Replays = Arc<Severable<MemoryReplays>>;

struct Edge {
    clock: ManualClock,
    known: FakeAuthenticator,
    replays: Replays,
    normalizer: Normalizer,
}

const CERTIFICATE: [u8; 32] = [5; 32];

impl Edge {
    fn new(owner: &Client) -> Self {
        Self::sharing(owner, Arc::new(Severable::new(MemoryReplays::new(1_000))))
    }

    fn sharing(owner: &Client, replays: Replays) -> Self {
        let verifier = DpopVerifier::new("https://api.example", replays.clone()).unwrap();
        Self::built(owner, replays, |builder| builder.dpop(verifier))
    }

    fn built(owner: &Client, replays: Replays, with: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder) -> Self {
        let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
        for (text, confirmation) in [
            (BOUND, Some(Confirmation::Jkt(owner.jkt()))),
            (OTHER, Some(Confirmation::Jkt(owner.jkt()))),
            (OF_CERTIFICATE, Some(Confirmation::X5tS256(CERTIFICATE))),
            (FREE, None),
        ] {
            let authentication = jwt_of("alice", Timestamp::from_secs(1), Timestamp::MAX);
            known.answer(text, Ok(Authentication { confirmation, ..authentication }));
        }
        known.answer("key", Ok(api_key_of("alice")));
        let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
        let builder = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone()));
        let normalizer = with(builder.authenticator(known.clone()).clock(clock.clone())).build().unwrap();
        Self { clock, known, replays, normalizer }
    }

    fn layer(&self) -> NormalizeLayer {
        NormalizeLayer::new(self.normalizer.clone())
    }

    async fn send(&self, request: Request<()>) -> Answer {
        let answer = self.layer().layer(service_fn(behind)).oneshot(request).await.unwrap();
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone() }
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
}

impl Answer {
    fn challenges(&self) -> Vec<&str> {
        self.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect()
    }
}

async fn behind(request: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    let identity = request.extensions().get::<Arc<Identity>>().unwrap();
    assert!(identity.subject.as_str().ends_with("alice"));
    assert!(request.headers()["authorization"].as_bytes().starts_with(b"Bearer e30.e30."));
    assert!(!request.headers().contains_key("dpop"), "a proof is for us");
    let mut response = Response::new(Full::default());
    response.extensions_mut().insert(BoundTo(identity.confirmation));
    Ok(response)
}

/// What the identity behind the edge says that its credential is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BoundTo(Option<Confirmation>);

const BOUND: &str = "bound.to.key";
const OTHER: &str = "other.to.key";
const OF_CERTIFICATE: &str = "bound.to.certificate";
const FREE: &str = "bound.to.nothing";

/// A holder of a key, each of whose proofs has a name of its own.
struct Client {
    key: SigningKey,
    proofs: AtomicU32,
}

impl Client {
    fn new() -> Self {
        Self { key: SigningKey::generate(Algorithm::EdDSA).unwrap(), proofs: AtomicU32::new(0) }
    }

    fn jkt(&self) -> [u8; 32] {
        self.key.public_jwk().thumbprint_bytes()
    }

    /// For `GET /jobs` with [`BOUND`], but for these claims.
    fn prove(&self, changes: Value) -> String {
        let mut claims = json!({
            "jti": self.proofs.fetch_add(1, Ordering::SeqCst).to_string(),
            "htm": "GET",
            "htu": "https://api.example/jobs",
            "iat": ManualClock::default().now().as_secs(),
            "ath": ath(BOUND),
        });
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        self.key.sign_with_own_key("dpop+jwt", &claims).unwrap()
    }
}

fn ath(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

fn get(authorization: &str, proof: Option<String>) -> Request<()> {
    let mut request = Request::get("https://host.example/jobs?page=2").body(()).unwrap();
    request.headers_mut().insert("authorization", authorization.parse().unwrap());
    if let Some(proof) = proof {
        request.headers_mut().insert("dpop", proof.parse().unwrap());
    }
    request
}

/// With a proof that is sound, but for these claims.
fn bound(client: &Client, changes: Value) -> Request<()> {
    get(&format!("DPoP {BOUND}"), Some(client.prove(changes)))
}

fn with_certificate(token: &str, scheme: &str, stated: Option<[u8; 32]>) -> Request<()> {
    let mut request = get(&format!("{scheme} {token}"), None);
    if let Some(stated) = stated {
        request.extensions_mut().insert(ClientCertificate(stated));
    }
    request
}

const ALGS: &str = r#"algs="ES256 ES384 EdDSA""#;

fn invalid_token() -> Vec<String> {
    vec![r#"Bearer error="invalid_token""#.to_owned(), format!(r#"DPoP {ALGS}, error="invalid_token""#)]
}

fn invalid_proof() -> Vec<String> {
    vec![format!(r#"DPoP {ALGS}, error="invalid_dpop_proof""#)]
}

/// What may be sent, what comes of it, and how it is challenged.
type Case = (&'static str, Box<dyn Fn(&Client) -> Request<()>>, u16, Vec<String>);

fn cases() -> Vec<Case> {
    let thief = Arc::new(Client::new());
    let with_thief = move |change: fn(&Client) -> Request<()>| {
        let thief = thief.clone();
        move |_: &Client| change(&thief)
    };
    vec![
        ("a sound proof", Box::new(|client| bound(client, json!({}))), 200, vec![]),
        ("another of the same", Box::new(|client| bound(client, json!({}))), 200, vec![]),
        ("no proof", Box::new(|_| get(&format!("DPoP {BOUND}"), None)), 401, invalid_proof()),
        ("garbage", Box::new(|_| get(&format!("DPoP {BOUND}"), Some("a.b.c".into()))), 401, invalid_proof()),
        ("a thief's own proof", Box::new(with_thief(|thief| bound(thief, json!({})))), 401, invalid_proof()),
        ("of another method", Box::new(|client| bound(client, json!({ "htm": "POST" }))), 401, invalid_proof()),
        (
            "of another path",
            Box::new(|client| bound(client, json!({ "htu": "https://api.example/other" }))),
            401,
            invalid_proof(),
        ),
        (
            "of the host that the request names",
            Box::new(|client| bound(client, json!({ "htu": "https://host.example/jobs" }))),
            401,
            invalid_proof(),
        ),
        ("of another token", Box::new(|client| bound(client, json!({ "ath": ath(OTHER) }))), 401, invalid_proof()),
        ("of a token's name", Box::new(|client| bound(client, json!({ "ath": null }))), 401, invalid_proof()),
        ("an old one", Box::new(|client| bound(client, json!({ "iat": 1 }))), 401, invalid_proof()),
        (
            "two of them",
            Box::new(|client| {
                let mut request = bound(client, json!({}));
                request.headers_mut().append("dpop", client.prove(json!({})).parse().unwrap());
                request
            }),
            401,
            invalid_proof(),
        ),
        ("as a plain bearer", Box::new(|_| get(&format!("Bearer {BOUND}"), None)), 401, invalid_token()),
        (
            "as a bearer beside a proof",
            Box::new(|client| get(&format!("Bearer {BOUND}"), Some(client.prove(json!({}))))),
            401,
            invalid_token(),
        ),
        (
            "what is not bound, under DPoP",
            Box::new(|client| get(&format!("DPoP {FREE}"), Some(client.prove(json!({ "ath": ath(FREE) }))))),
            401,
            invalid_token(),
        ),
        (
            "an API key under DPoP",
            Box::new(|client| get("DPoP key", Some(client.prove(json!({ "ath": ath("key") }))))),
            401,
            invalid_token(),
        ),
        ("what is not bound", Box::new(|_| get(&format!("Bearer {FREE}"), None)), 200, vec![]),
        (
            "what is not bound, beside a proof",
            Box::new(|_| get(&format!("Bearer {FREE}"), Some("whatever".into()))),
            200,
            vec![],
        ),
        ("an unknown token", Box::new(|client| get("DPoP a.b.c", Some(client.prove(json!({}))))), 401, invalid_token()),
        (
            "with the certificate",
            Box::new(|_| with_certificate(OF_CERTIFICATE, "Bearer", Some(CERTIFICATE))),
            200,
            vec![],
        ),
        (
            "with another certificate",
            Box::new(|_| with_certificate(OF_CERTIFICATE, "Bearer", Some([6; 32]))),
            401,
            invalid_token(),
        ),
        ("without", Box::new(|_| with_certificate(OF_CERTIFICATE, "Bearer", None)), 401, invalid_token()),
        (
            "with the certificate, under DPoP",
            Box::new(|_| with_certificate(OF_CERTIFICATE, "DPoP", Some(CERTIFICATE))),
            401,
            invalid_token(),
        ),
        (
            "with a certificate where a key is due",
            Box::new(|_| with_certificate(BOUND, "DPoP", Some(CERTIFICATE))),
            401,
            invalid_proof(),
        ),
    ]
}

#[tokio::test]
async fn the_verdict_is_the_same_on_a_hit_as_on_a_miss() {
    let client = Client::new();
    let warm = Edge::new(&client);
    for round in ["first", "second", "third"] {
        for (what, request, status, challenges) in cases() {
            let cold = Edge::new(&client).send(request(&client)).await;
            assert_eq!(
                (cold.status, cold.challenges()),
                (status, challenges.iter().map(String::as_str).collect()),
                "{what}, cold"
            );
            let warm = warm.send(request(&client)).await;
            assert_eq!(warm.status, status, "{what}, {round} round");
            assert_eq!(warm.challenges(), cold.challenges(), "{what}, {round} round");
        }
    }
    // Each is authenticated once in each slot, but for the one that nobody knows, which is remembered as that.
    assert_eq!(warm.known.asked(), 8, "no refusal dropped an entry");
}

#[tokio::test]
async fn the_identity_behind_the_edge_says_what_its_credential_is_bound_to() {
    let client = Client::new();
    let edge = Edge::new(&client);
    for round in ["cold", "warm"] {
        for (request, bound_to) in [
            (bound(&client, json!({})), Some(Confirmation::Jkt(client.jkt()))),
            (with_certificate(OF_CERTIFICATE, "Bearer", Some(CERTIFICATE)), Some(Confirmation::X5tS256(CERTIFICATE))),
            (with_certificate(FREE, "Bearer", Some(CERTIFICATE)), None),
        ] {
            let answer = edge.layer().layer(service_fn(behind)).oneshot(request).await.unwrap();
            assert_eq!(answer.extensions().get(), Some(&BoundTo(bound_to)), "{round}");
        }
    }
}

#[tokio::test]
async fn a_proof_is_good_once_warm_as_cold() {
    let client = Client::new();
    let edge = Edge::new(&client);
    for round in 0..3 {
        let proof = client.prove(json!({}));
        let request = || get(&format!("DPoP {BOUND}"), Some(proof.clone()));
        assert_eq!(edge.send(request()).await.status, 200, "{round}");
        for _ in 0..2 {
            let replayed = edge.send(request()).await;
            assert_eq!(replayed.status, 401, "{round}");
            assert_eq!(replayed.challenges(), invalid_proof());
        }
    }
    assert_eq!(edge.known.asked(), 1);
}

#[tokio::test]
async fn a_proof_that_was_refused_is_not_used_up() {
    let client = Client::new();
    let edge = Edge::new(&client);
    let proof = client.prove(json!({}));
    let mut wrong = get(&format!("DPoP {BOUND}"), Some(proof.clone()));
    *wrong.method_mut() = Method::DELETE;
    assert_eq!(edge.send(wrong).await.status, 401);
    assert_eq!(edge.send(get(&format!("DPoP {OTHER}"), Some(proof.clone()))).await.status, 401);
    assert_eq!(edge.send(get(&format!("DPoP {BOUND}"), Some(proof))).await.status, 200);
}

#[tokio::test]
async fn another_node_that_shares_the_store_refuses_a_replay() {
    let client = Client::new();
    let here = Edge::new(&client);
    let there = Edge::sharing(&client, here.replays.clone());
    for round in ["cold", "warm"] {
        let proof = client.prove(json!({}));
        let request = || get(&format!("DPoP {BOUND}"), Some(proof.clone()));
        assert_eq!(here.send(request()).await.status, 200, "{round}");
        assert_eq!(there.send(request()).await.status, 401, "{round}");
    }
}

#[tokio::test]
async fn an_outage_of_the_store_is_a_503_and_lets_nobody_pass() {
    let client = Client::new();
    let edge = Edge::new(&client);
    edge.replays.sever();
    for round in ["cold", "warm"] {
        let answer = edge.send(bound(&client, json!({}))).await;
        assert_eq!((answer.status, answer.challenges().len()), (503, 0), "{round}");
        assert!(answer.headers.contains_key("retry-after"));
        assert_eq!(edge.send(bound(&client, json!({ "htm": "PUT" }))).await.status, 401, "what is wrong is wrong");
        assert_eq!(edge.send(get(&format!("Bearer {FREE}"), None)).await.status, 200, "nobody else is asked");
        let certified = with_certificate(OF_CERTIFICATE, "Bearer", Some(CERTIFICATE));
        assert_eq!(edge.send(certified).await.status, 200);
    }
    edge.replays.mend();
    assert_eq!(edge.send(bound(&client, json!({}))).await.status, 200);
}

#[tokio::test]
async fn who_waits_for_one_exchange_is_judged_by_their_own_proof() {
    let (client, thief) = (Client::new(), Client::new());
    let edge = Edge::new(&client);
    let gate = edge.known.gate();
    let once = client.prove(json!({}));
    let mut service = edge.layer().layer(service_fn(behind));
    let mut sent = Vec::new();
    for (request, status) in [
        (get(&format!("DPoP {BOUND}"), None), 401),
        (bound(&client, json!({})), 200),
        (bound(&thief, json!({})), 401),
        (get(&format!("DPoP {BOUND}"), Some(once.clone())), 200),
        (get(&format!("DPoP {BOUND}"), Some(once)), 401),
        (bound(&client, json!({ "htm": "PUT" })), 401),
        (bound(&client, json!({})), 200),
    ] {
        sent.push((tokio::spawn(service.call(request)), status));
        tokio::task::yield_now().await;
    }
    gate.add_permits(1);
    for (number, (answer, status)) in sent.into_iter().enumerate() {
        assert_eq!(answer.await.unwrap().unwrap().status().as_u16(), status, "{number}");
    }
    assert_eq!(edge.known.asked(), 1);
}

/// The proof came in time, but the exchange did not end in its time.
#[tokio::test]
async fn a_proof_that_grows_old_while_it_waits_is_refused() {
    let client = Client::new();
    let edge = Edge::new(&client);
    let gate = edge.known.gate();
    let waiting = tokio::spawn(edge.layer().layer(service_fn(behind)).call(bound(&client, json!({}))));
    tokio::task::yield_now().await;
    edge.clock.advance(Duration::from_secs(61));
    gate.add_permits(1);
    assert_eq!(waiting.await.unwrap().unwrap().status(), 401);
}

#[tokio::test]
async fn where_dpop_is_not_taken_its_scheme_is_unknown_and_bound_tokens_are_refused() {
    let client = Client::new();
    let edge = Edge::built(&client, Arc::new(Severable::new(MemoryReplays::new(1))), |builder| builder);
    for _ in 0..3 {
        for request in [
            bound(&client, json!({})),
            get(&format!("Bearer {BOUND}"), None),
            get(&format!("Bearer {BOUND}"), Some(client.prove(json!({})))),
        ] {
            let answer = edge.send(request).await;
            assert_eq!((answer.status, answer.challenges()), (401, vec![r#"Bearer error="invalid_token""#]));
        }
        let certified = with_certificate(OF_CERTIFICATE, "Bearer", Some(CERTIFICATE));
        assert_eq!(edge.send(certified).await.status, 200, "a certificate needs no setting");
    }
    assert_eq!(edge.known.asked(), 2, "the bearers alone, once each");
}

#[tokio::test]
async fn whoever_comes_without_a_credential_is_told_of_both_schemes() {
    let client = Client::new();
    let edge = Edge::new(&client);
    for proof in [None, Some(client.prove(json!({})))] {
        let mut request = Request::get("/jobs").body(()).unwrap();
        if let Some(proof) = proof {
            request.headers_mut().insert("dpop", proof.parse().unwrap());
        }
        let answer = edge.send(request).await;
        assert_eq!((answer.status, answer.challenges()), (401, vec!["Bearer", &format!("DPoP {ALGS}")]));
    }
}

#[tokio::test]
async fn where_a_nonce_is_demanded_the_401_brings_one_that_the_next_try_passes_with() {
    let client = Client::new();
    let replays = Arc::new(Severable::new(MemoryReplays::new(100)));
    let verifier = DpopVerifier::new("https://api.example", replays.clone()).unwrap();
    let verifier = verifier.with_nonces(Nonces::new(&[7; 32]).unwrap());
    let edge = Edge::built(&client, replays, |builder| builder.dpop(verifier));
    for round in ["cold", "warm"] {
        let first = edge.send(bound(&client, json!({}))).await;
        assert_eq!(first.status, 401, "{round}");
        assert_eq!(first.challenges(), [format!(r#"DPoP {ALGS}, error="use_dpop_nonce""#)], "{round}");
        let nonce = first.headers["dpop-nonce"].to_str().unwrap();
        let passed = edge.send(bound(&client, json!({ "nonce": nonce }))).await;
        assert_eq!(passed.status, 200, "{round}");
        let next = passed.headers["dpop-nonce"].to_str().unwrap();
        assert_eq!(edge.send(bound(&client, json!({ "nonce": next }))).await.status, 200, "{round}");
        assert_eq!(edge.send(bound(&client, json!({ "nonce": "made-up" }))).await.status, 401, "{round}");
    }
}

#[tokio::test]
async fn a_header_is_a_certificate_from_a_trusted_proxy_alone() {
    let client = Client::new();
    let edge = Edge::new(&client);
    let proxy: [remint_core::Network; 1] = ["10.0.0.1".parse().unwrap()];
    let layer = ClientCertificateLayer::peer(|extensions| extensions.get::<std::net::IpAddr>().copied());
    let layer = layer.trusting_envoy(proxy);
    let hash = |byte: u8| format!("By=x;Hash={};Subject=\"CN=a\"", format!("{byte:02x}").repeat(32));
    for _ in 0..2 {
        for (peer, header, stated, status) in [
            ("10.0.0.1", Some(hash(5)), None, 200),
            ("10.0.0.1", Some(hash(6)), None, 401),
            ("10.0.0.1", None, None, 401),
            ("192.0.2.1", Some(hash(5)), None, 401),
            ("192.0.2.1", None, Some(CERTIFICATE), 200),
            ("192.0.2.1", Some(hash(5)), Some([6; 32]), 401),
            ("10.0.0.1", None, Some(CERTIFICATE), 401),
        ] {
            let mut request = with_certificate(OF_CERTIFICATE, "Bearer", stated);
            request.extensions_mut().insert::<std::net::IpAddr>(peer.parse().unwrap());
            if let Some(header) = &header {
                request.headers_mut().insert("x-forwarded-client-cert", header.parse().unwrap());
            }
            let stack = ServiceBuilder::new().layer(layer.clone()).layer(edge.layer());
            let answer = stack.service_fn(behind).oneshot(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{peer}, {header:?}, {stated:?}");
        }
    }
    // Without the layer a header means nothing, whoever sends it.
    let mut request = with_certificate(OF_CERTIFICATE, "Bearer", None);
    request.headers_mut().insert("x-forwarded-client-cert", hash(5).parse().unwrap());
    assert_eq!(edge.send(request).await.status, 401);
}

/// A server that says what a token is bound to; the edge that asked holds the request to it.
#[derive(Debug)]
struct Server {
    issuer: FakeIssuer,
    bound_to: Confirmation,
}

#[async_trait]
impl Exchanger for Server {
    async fn exchange(&self, _: Credential<'_>) -> Result<Exchanged, Refusal> {
        let authentication = jwt_of("alice", Timestamp::from_secs(1), Timestamp::MAX);
        let authentication = Authentication { confirmation: Some(self.bound_to), ..authentication };
        let token = self.issuer.issue(MintRequest::new(&authentication.identity, Timestamp::MAX)).await?;
        #[expect(clippy::disallowed_methods, reason = "a fake of a server")]
        let authentication = Verified::vouch(authentication);
        Ok(Exchanged { token, authentication, issued_at: Timestamp::from_secs(1), rev: None })
    }

    fn revocation_log(&self) -> Option<Arc<dyn remint_core::RevocationLog>> {
        None
    }
}

#[tokio::test]
async fn an_edge_that_exchanges_at_a_server_asks_for_the_proof_itself() {
    let (client, clock) = (Client::new(), ManualClock::default());
    for (bound_to, certificate) in
        [(Confirmation::Jkt(client.jkt()), false), (Confirmation::X5tS256(CERTIFICATE), true)]
    {
        let server = Server { issuer: FakeIssuer::new(clock.clone()), bound_to };
        let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
        let verifier = DpopVerifier::new("https://api.example", MemoryReplays::new(100)).unwrap();
        let builder = Normalizer::exchanging(url, audience, server).clock(clock.clone()).dpop(verifier);
        let layer = NormalizeLayer::new(builder.build().unwrap());
        for round in ["cold", "warm"] {
            for (request, is_certified, is_proven) in [
                (bound(&client, json!({})), false, true),
                (bound(&Client::new(), json!({})), false, false),
                (get(&format!("DPoP {BOUND}"), None), false, false),
                (get(&format!("Bearer {BOUND}"), None), false, false),
                (with_certificate(BOUND, "Bearer", Some(CERTIFICATE)), true, false),
                (with_certificate(BOUND, "Bearer", Some([6; 32])), false, false),
            ] {
                let passes = if certificate { is_certified } else { is_proven };
                let answer = layer.layer(service_fn(behind)).oneshot(request).await.unwrap();
                assert_eq!(answer.status(), if passes { 200 } else { 401 }, "{round}, {bound_to:?}");
                let told = passes.then_some(BoundTo(Some(bound_to)));
                assert_eq!(answer.extensions().get(), told.as_ref(), "{round}");
            }
        }
    }
}

#[tokio::test]
async fn a_proof_for_one_path_opens_no_other_that_normalises_to_it() {
    let client = Client::new();
    let edge = Edge::new(&client);
    for path in ["/files/../jobs", "/files/%2e%2e/jobs", "/files/.%2E/jobs", "/./jobs"] {
        for warm in [false, true] {
            if warm {
                assert_eq!(edge.send(bound(&client, json!({}))).await.status, 200);
            }
            let mut request = bound(&client, json!({}));
            *request.uri_mut() = path.parse().unwrap();
            let answer = edge.send(request).await;
            assert_eq!(answer.status, 400, "{path}, warm: {warm}");
            assert!(answer.challenges().iter().all(|challenge| challenge.contains("invalid_request")), "{path}");
        }
    }
    for (path, status) in [("/%6Aobs", 200), ("//jobs", 401), ("/..%2fjobs", 401), ("/jobs%2f", 401)] {
        let mut request = bound(&client, json!({}));
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(edge.send(request).await.status, status, "{path}");
    }
}
