//! A revocation log that is followed over HTTP, at a real server.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use remint_authorization_server::{AuthorizationServer, Client, Followers, Right};
use remint_core::{
    Audience, ClientId, Cursor, IssuerId, KeyId, LogId, LoggedRevocation, Page, Position, Reading, Retention,
    Revocation, RevocationLog, RevocationWriter, Revoker as _, Stamp, Target, Timestamp, Unavailable,
};
use remint_dpop::MemoryReplays;
use remint_exchange::{
    AssertionAudience, ClientCredentials, ClientSecret, EndpointAddress, HttpClient, HttpLog, HttpLogError, Url,
};
use remint_issuer::Issuer;
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_normalize::Normalizer;
use remint_oidc::OidcAuthenticator;
use remint_revocation::{MemoryLog, Revocations};
use remint_testkit::ManualClock;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const SECRET: &str = "edge-0123456789-abcdefghijklmnopq";
const ISSUER: &str = "https://auth.internal";

/// A server with a log of its own, to which anybody writes.
#[derive(Debug)]
struct Server {
    log: Arc<MemoryLog>,
    at: String,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// One that `edge` may follow, and `signed` with this key.
    async fn start(key: Option<&SigningKey>) -> Self {
        let log = Arc::new(MemoryLog::new(10_000).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serving(log, listener, key, &[Right::Follow]).await
    }

    async fn serving(log: Arc<MemoryLog>, listener: TcpListener, key: Option<&SigningKey>, may: &[Right]) -> Self {
        let (own, audience): (IssuerId, Audience) = (ISSUER.parse().unwrap(), "internal".parse().unwrap());
        let issuer = Arc::new(Issuer::builder(own.clone(), audience.clone()).build().unwrap());
        let http = Arc::new(HttpClient::new().unwrap());
        let nobody = OidcAuthenticator::new(own.clone(), [], http, remint_core::SystemClock).unwrap();
        let line = Normalizer::builder(own, audience, Arc::clone(&issuer)).authenticator(nobody).build().unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let edge = Client::with_secret("edge".parse().unwrap(), SECRET).may(may.iter().copied());
        let server =
            AuthorizationServer::new(line.authority().unwrap().clone(), issuer, Arc::new(MemoryReplays::new(1000)))
                .at(&at)
                .client(edge)
                .followers(Followers::of(Arc::clone(&log) as _));
        let server = match key {
            Some(key) => {
                let keys = JwkSet::try_from(vec![key.public_jwk().clone()]).unwrap();
                server.client(Client::with_keys("signed".parse().unwrap(), keys).may([Right::Follow]))
            }
            None => server,
        };
        let app = server.into_router().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { log, at, task }
    }

    fn address(&self) -> EndpointAddress {
        EndpointAddress::Fixed([&self.at, "/v1/revocations"].concat().parse::<Url>().unwrap())
    }

    fn log(&self, credentials: ClientCredentials, wait: u64) -> HttpLog {
        let http = Arc::new(HttpClient::new().unwrap());
        HttpLog::builder(self.address(), credentials, http).wait(Duration::from_secs(wait)).build().unwrap()
    }

    async fn end(&self, key: &str) {
        let row = Revocation::ended(target(key), Timestamp::from_secs(1));
        self.log.append(&[row]).await.unwrap();
    }
}

fn target(key: &str) -> Target {
    Target::Key(KeyId::new(key).unwrap())
}

fn edge() -> ClientId {
    ClientId::new("edge").unwrap()
}

fn with_secret(secret: &str) -> ClientCredentials {
    ClientCredentials::secret_basic(edge(), ClientSecret::new(secret))
}

fn is_ended(node: &Revocations, key: &str) -> bool {
    node.table().ended(&[target(key)], Timestamp::from_secs(0))
}

/// Written at the server, and read over HTTP.
#[derive(Debug)]
struct Followed(Server, HttpLog);

impl Followed {
    async fn new() -> Self {
        let server = Server::start(None).await;
        let log = server.log(with_secret(SECRET), 0);
        Self(server, log)
    }
}

#[async_trait]
impl RevocationLog for Followed {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        self.1.head().await
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        self.1.read_after(cursor, limit).await
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        self.1.kept(log, page).await
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        self.1.latest(targets).await
    }

    fn pause(&self) -> Duration {
        self.1.pause()
    }
}

#[async_trait]
impl RevocationWriter for Followed {
    async fn append(&self, rows: &[Revocation]) -> Result<Stamp, Unavailable> {
        self.0.log.append(rows).await
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        self.0.log.renew(log).await
    }

    async fn forget(&self, retention: Retention, limit: usize) -> Result<usize, Unavailable> {
        self.0.log.forget(retention, limit).await
    }
}

remint_conformance::revocation_log_suite!(|| async { (Followed::new().await, ()) });

#[tokio::test]
async fn more_rows_than_an_answer_has_are_read_in_several() {
    let server = Server::start(None).await;
    let log = server.log(with_secret(SECRET), 0);
    let start = log.head().await.unwrap();
    let issuer: IssuerId = format!("https://{}.example", "i".repeat(400)).parse().unwrap();
    let subject = |number: usize| format!("{number}{}", "s".repeat(400)).parse().unwrap();
    let rows: Vec<_> = (0..2500)
        .map(|number| Target::Subject { issuer: issuer.clone(), subject: subject(number) })
        .map(|target| Revocation::ended(target, Timestamp::from_secs(1)))
        .collect();
    server.log.append(&rows).await.unwrap();
    let Reading::Rows(read) = log.read_after(&start, usize::MAX).await.unwrap() else { panic!("a gap") };
    assert_eq!(read.iter().map(|row| &row.revocation).collect::<Vec<_>>(), rows.iter().collect::<Vec<_>>());
    let kept = log.kept(&start.log, Page::all()).await.unwrap().unwrap();
    assert_eq!(kept, read);
    let targets: Vec<_> = rows.into_iter().take(40).map(|row| row.target).collect();
    assert_eq!(log.latest(&targets).await.unwrap().len(), 40);
}

#[tokio::test]
async fn every_kind_of_credentials_follows() {
    let key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    let server = Server::start(Some(&key)).await;
    let signed =
        |audience| ClientCredentials::private_key_jwt(ClientId::new("signed").unwrap(), Arc::clone(&key), audience);
    for credentials in [
        with_secret(SECRET),
        ClientCredentials::secret_post(edge(), ClientSecret::new(SECRET)),
        signed(AssertionAudience::Endpoint),
        signed(AssertionAudience::Issuer(ISSUER.parse().unwrap())),
    ] {
        let method = credentials.method();
        let log = server.log(credentials, 0);
        for _ in 0..3 {
            log.head().await.unwrap_or_else(|error| panic!("{method}: {error}"));
        }
    }
}

#[tokio::test]
async fn what_is_revoked_at_the_server_is_known_here_without_a_question_for_it() {
    let server = Server::start(None).await;
    let node = Revocations::follow_only(Arc::new(server.log(with_secret(SECRET), 20)), ManualClock::default());
    let node = node.await.unwrap();
    let begun = Instant::now();
    server.end("k1").await;
    while !is_ended(&node, "k1") {
        assert!(begun.elapsed() < Duration::from_secs(10), "it waited on with a row there");
        tokio::task::yield_now().await;
    }
    assert_eq!(node.table().read_up_to().unwrap().position, Position(1));
    // While it waits, what is revoked here is not waited for.
    let waiting = tokio::spawn({
        let node = node.clone();
        async move { node.catch_up().await }
    });
    let begun = Instant::now();
    node.revoke(Revocation::ended(target("k2"), Timestamp::from_secs(1))).await.unwrap();
    assert!(is_ended(&node, "k2") && begun.elapsed() < Duration::from_secs(10));
    waiting.abort();
}

#[tokio::test]
async fn the_first_question_and_one_after_a_failure_do_not_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let log = Arc::new(MemoryLog::new(100).unwrap());
    let server = Server::serving(Arc::clone(&log), listener, None, &[Right::Follow]).await;
    let here = log.head().await.unwrap();
    let http = server.log(with_secret(SECRET), 30);
    let begun = Instant::now();
    assert_eq!(http.read_after(&here, 10).await.unwrap(), Reading::Rows(vec![]));
    drop(server);
    let down = loop {
        match http.read_after(&Cursor { position: Position(9), ..here.clone() }, 10).await {
            Ok(_) => tokio::task::yield_now().await,
            Err(down) => break down,
        }
    };
    assert!(!HttpLogError::is_not_permitted(&down));
    let listener = loop {
        match TcpListener::bind(at).await {
            Ok(listener) => break listener,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let _server = Server::serving(log, listener, None, &[Right::Follow]).await;
    let read = loop {
        match http.read_after(&here, 10).await {
            Ok(read) => break read,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(read, Reading::Rows(vec![]));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_server_that_does_not_let_this_client_follow_is_told_from_one_that_is_out() {
    let server = Server::start(None).await;
    let refused = Server::serving(
        Arc::new(MemoryLog::new(100).unwrap()),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        None,
        &[Right::Exchange],
    )
    .await;
    let elsewhere = EndpointAddress::Fixed([&server.at, "/elsewhere"].concat().parse().unwrap());
    let http = Arc::new(HttpClient::new().unwrap());
    let elsewhere = HttpLog::builder(elsewhere, with_secret(SECRET), http).build().unwrap();
    for log in [refused.log(with_secret(SECRET), 0), elsewhere] {
        let error = log.head().await.unwrap_err();
        assert!(HttpLogError::is_not_permitted(&error), "{error:?}");
    }
    let error = server.log(with_secret("wrong"), 0).head().await.unwrap_err();
    assert!(!HttpLogError::is_not_permitted(&error), "rows would go unheard: {error:?}");
}
