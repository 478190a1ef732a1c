//! The verdict on a request hangs on the request alone: not on what is cached, not on what came
//! before, and never on more or less than exactly one credential.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use proptest::prelude::*;
use proptest::sample::select;
use remint_core::{Audience, ClientAddr, Environment, Identity, IssuerId, Timestamp, Unavailable, UnavailableKind};
use remint_guard::Requirements;
use remint_normalize::Normalizer;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of, jwt_of};
use remint_tower::NormalizeLayer;
use tower::{Layer, ServiceExt, service_fn};

/// What may stand in a header that carries a credential, and what it is worth by itself.
const VALUES: &[(&str, &str, Worth)] = &[
    ("authorization", "Bearer a.b.c", Worth::Who("idp|bob")),
    ("authorization", "bEARER   a.b.c", Worth::Who("idp|bob")),
    ("authorization", "Bearer good", Worth::Who("alice")),
    ("authorization", "api-key good", Worth::Who("alice")),
    ("authorization", "Token narrow", Worth::Who("narrow")),
    ("authorization", "Bearer bound", Worth::Who("bound")),
    ("authorization", "Bearer x.y.z", Worth::Nothing),
    ("authorization", "Bearer a.b.c, Bearer a.b.c", Worth::Nothing),
    ("authorization", "Bearer a.b.c,", Worth::Nothing),
    ("authorization", "Bearer a.b.c Bearer", Worth::Nothing),
    ("authorization", "Bearer a.b.c.d.e", Worth::Nothing),
    ("authorization", "Api-Key a.b.c", Worth::Nothing),
    ("authorization", "Bearer good\u{e9}", Worth::Nothing),
    ("authorization", "Bearer", Worth::Nothing),
    ("authorization", "Bearer\tgood", Worth::Nothing),
    ("authorization", "Basic Z29vZA==", Worth::Nothing),
    ("authorization", "DPoP a.b.c", Worth::Nothing),
    ("authorization", "good", Worth::Nothing),
    ("authorization", "", Worth::Nothing),
    ("authorization", "Bearer down", Worth::Outage),
    ("x-api-key", "good", Worth::Who("alice")),
    ("x-api-key", "narrow", Worth::Who("narrow")),
    ("x-api-key", "rehearsal", Worth::Who("rehearsal")),
    ("x-api-key", "bound", Worth::Who("bound")),
    ("x-api-key", "unknown", Worth::Nothing),
    ("x-api-key", "good,good", Worth::Nothing),
    ("x-api-key", "a.b.c", Worth::Nothing),
    ("x-api-key", "Bearer good", Worth::Nothing),
    ("x-api-key", "g\u{f6}od", Worth::Nothing),
    ("x-api-key", "", Worth::Nothing),
    ("x-api-key", "down", Worth::Outage),
];

/// What else a client may send to be taken for somebody; from the fifth on it means nothing to us
/// and may go on.
const NOISE: &[(&str, &str)] = &[
    ("x-user-id", "root"),
    ("x-tenant-id", "root"),
    ("x-remint-subject", "root"),
    ("connection", "authorization"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-user", "root"),
    ("forwarded", "for=127.0.0.1"),
    ("dpop", "a.b.c"),
    ("x-original-url", "/healthz"),
    ("proxy-authorization", "Bearer good"),
    ("cookie", "session=a.b.c"),
    ("user-agent", "kube-probe/1.31"),
];

/// No path is exempt, however it is written.
const TARGETS: &[&str] =
    &["/", "/healthz", "/..%2fhealthz", "//healthz", "/.well-known/jwks.json?access_token=good", "*"];

/// What the adapter states of the client; one key is bound to the first two.
const CLIENTS: &[Option<&str>] = &[Some("127.0.0.1"), Some("::ffff:127.0.0.1"), Some("192.0.2.1"), None];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Worth {
    Who(&'static str),
    Nothing,
    Outage,
}

#[derive(Debug, Clone)]
struct Line {
    name: String,
    value: &'static str,
    /// `None`: no credential.
    worth: Option<Worth>,
}

#[derive(Debug, Clone)]
struct Sent {
    lines: Vec<Line>,
    route: usize,
    target: &'static str,
    client: Option<&'static str>,
}

impl Sent {
    fn request(&self) -> Request<()> {
        let mut request = Request::get(self.target).body(()).unwrap();
        if let Some(client) = self.client {
            request.extensions_mut().insert(ClientAddr(client.parse().unwrap()));
        }
        for line in &self.lines {
            let name = HeaderName::from_bytes(line.name.as_bytes()).unwrap();
            request.headers_mut().append(name, HeaderValue::from_bytes(line.value.as_bytes()).unwrap());
        }
        request
    }

    /// The verdict by a plain reading of the rules: the statuses that may be, and who passes.
    fn expected(&self) -> (&'static [u16], Option<&'static str>) {
        let credentials: Vec<_> = self.lines.iter().filter_map(|line| Some((line, line.worth?))).collect();
        match credentials.as_slice() {
            [] if self.route == OPTIONAL => (&[200], Some("-")),
            [] => (&[401], None),
            [(line, _)] if line.name.contains('_') => (&[400], None),
            [(_, Worth::Nothing)] => (&[400, 401], None),
            [(_, Worth::Outage)] => (&[503], None),
            [(_, Worth::Who(who))] => match (self.route, *who) {
                (SCOPE, "narrow") | (LIVE, "rehearsal") => (&[403], None),
                (_, "bound") if !self.client.is_some_and(|client| client.ends_with("127.0.0.1")) => (&[403], None),
                _ => (&[200], Some(who)),
            },
            _ => (&[400, 401], None),
        }
    }
}

fn line() -> impl Strategy<Value = Line> {
    let credential = select(VALUES).prop_map(|(name, value, worth)| (name, value, Some(worth)));
    let noise = select(NOISE).prop_map(|(name, value)| (name, value, None));
    let spelling = proptest::collection::vec((any::<bool>(), 0..8_u8), 24);
    (prop_oneof![4 => credential, 1 => noise], spelling).prop_map(|((name, value, worth), spelling)| {
        let spell = |(byte, (upper, underscore)): (char, (bool, u8))| match (byte, upper, underscore) {
            ('-', _, 0) => '_',
            (letter, true, _) => letter.to_ascii_uppercase(),
            (letter, false, _) => letter,
        };
        Line { name: name.chars().zip(spelling).map(spell).collect(), value, worth }
    })
}

fn sent() -> impl Strategy<Value = Sent> {
    (proptest::collection::vec(line(), 0..4), 0..ROUTES, select(TARGETS), select(CLIENTS))
        .prop_map(|(lines, route, target, client)| Sent { lines, route, target, client })
}

/// One cache, and routes that ask for different things.
struct Edge(Vec<NormalizeLayer>);

const ANYONE: usize = 0;
const OPTIONAL: usize = 1;
const SCOPE: usize = 2;
const LIVE: usize = 3;
const ROUTES: usize = 4;

impl Edge {
    fn new() -> Self {
        let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
        let mut bob = jwt_of("bob", Timestamp::from_secs(1), Timestamp::MAX);
        bob.identity.scopes = "jobs:write".parse().unwrap();
        known.answer("a.b.c", Ok(bob));
        for (text, user, scopes, environment) in [
            ("good", "alice", "jobs:read jobs:write", Environment::Live),
            ("narrow", "narrow", "jobs:read", Environment::Live),
            ("rehearsal", "rehearsal", "jobs:write", Environment::Test),
        ] {
            let mut key = api_key_of(user);
            key.identity.scopes = scopes.parse().unwrap();
            key.identity.environment = environment;
            known.answer(text, Ok(key));
        }
        let mut bound = api_key_of("bound");
        bound.identity.scopes = "jobs:write".parse().unwrap();
        bound.networks = vec!["127.0.0.0/8".parse().unwrap()];
        known.answer("bound", Ok(bound));
        // It would believe what must not even reach it.
        for (_, value, _) in VALUES.iter().filter(|(_, _, worth)| *worth == Worth::Nothing) {
            let text = value.split_once(' ').map_or(*value, |(_, text)| text);
            if !["x.y.z", "unknown", "a.b.c", "good"].contains(&text) {
                known.answer(text, Ok(api_key_of("root")));
            }
        }
        known.answer("down", Err(Unavailable::new(UnavailableKind::Store).into()));
        let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
        let builder = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone()));
        let normalizer = builder.authenticator(known).clock(clock).build().unwrap();
        let route = |route| {
            let layer = NormalizeLayer::new(normalizer.clone());
            match route {
                OPTIONAL => layer.optional(),
                SCOPE => layer.with_requirements(Requirements::new().with_scopes(["jobs:write"]).unwrap()),
                LIVE => layer.with_requirements(Requirements::new().with_environment(Environment::Live)),
                _ => layer,
            }
        };
        Self((ANYONE..ROUTES).map(route).collect())
    }

    /// The status, and what the service behind said it saw if it was asked.
    async fn send(&self, sent: &Sent) -> (u16, Option<String>) {
        let layer = self.0.get(sent.route).unwrap();
        let answer = layer.layer(service_fn(seen)).oneshot(sent.request()).await.unwrap();
        let (status, reached) = (answer.status().as_u16(), answer.headers().contains_key("reached"));
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, reached.then(|| String::from_utf8(body.to_vec()).unwrap()))
    }
}

/// Says who calls, and which headers of a client came through.
async fn seen(request: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    let who = request.extensions().get::<Arc<Identity>>().map_or("-".to_owned(), |who| who.subject.to_string());
    let minted = |value: &HeaderValue| value.as_bytes().starts_with(b"Bearer e30.e30.");
    let ours = |(name, value): (&HeaderName, &HeaderValue)| match name.as_str() {
        "authorization" => who != "-" && minted(value),
        "connection" => !value.as_bytes().eq_ignore_ascii_case(b"authorization"),
        name => NOISE.iter().skip(4).any(|(meaningless, _)| name.replace('_', "-") == *meaningless),
    };
    let (all_ours, tokens) =
        (request.headers().iter().all(ours), request.headers().get_all("authorization").iter().count());
    assert!(all_ours && tokens == usize::from(who != "-"), "what came through: {:?}", request.headers());
    Ok(Response::builder().header("reached", "yes").body(Full::from(who)).unwrap())
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

proptest! {
    #[test]
    fn warm_and_cold_give_the_same_verdict(sent in proptest::collection::vec(sent(), 1..6)) {
        let warm = Edge::new();
        for round in ["first", "second"] {
            for sent in &sent {
                let (warm, cold) = (run(warm.send(sent)), run(Edge::new().send(sent)));
                prop_assert_eq!(&warm, &cold, "{} round, {:?}", round, sent);
                let (statuses, who) = sent.expected();
                prop_assert!(statuses.contains(&warm.0), "{} for {:?}", warm.0, sent);
                prop_assert_eq!(warm.1.as_deref(), who, "{:?}", sent);
            }
        }
    }
}

/// So that the property above cannot hold for want of anybody who passes.
#[test]
fn each_value_by_itself_is_worth_what_the_table_says() {
    let (warm, mut passed) = (Edge::new(), 0);
    for (name, value, worth) in VALUES.iter().copied().chain(VALUES.iter().copied()) {
        let lines = vec![Line { name: name.to_owned(), value, worth: Some(worth) }];
        let (status, who) = run(warm.send(&Sent { lines, route: ANYONE, target: "/", client: CLIENTS[0] }));
        match worth {
            Worth::Who(expected) => assert_eq!((status, who.as_deref()), (200, Some(expected)), "{value}"),
            Worth::Outage => assert_eq!((status, who), (503, None), "{value}"),
            Worth::Nothing => assert!(matches!(status, 400 | 401) && who.is_none(), "{value}: {status}"),
        }
        passed += usize::from(status == 200);
    }
    assert_eq!(passed, 20);
}
