//! The issuer's keys change under load, and no live token is refused: by no service, however old the
//! key set may be that it holds.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use remint_core::{
    Audience, ClientId, Clock as _, CredentialRef, Environment, Identity, InternalToken, IssuerId, KeyId, MintRequest,
    Subject, Timestamp,
};
use remint_issuer::{Issuer, JWKS_MAX_AGE};
use remint_jwt::Jws;
use remint_keyset::{HttpClient, KeySet, KeySetSettings, KeySource, Url};
use remint_testkit::ManualClock;
use remint_verify::Verifier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const MINUTE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_secs(15);

/// An issuer that shares its folder with others and rotates every half hour.
fn issuer(clock: &ManualClock, folder: &tempfile::TempDir) -> Arc<Issuer> {
    let id = IssuerId::new("https://auth.internal").unwrap();
    let builder = Issuer::builder(id, Audience::new("internal").unwrap()).clock(clock.clone());
    Arc::new(builder.key_folder(folder.path()).rotate_every(30 * MINUTE).build().unwrap())
}

fn mint(issuer: &Issuer) -> InternalToken {
    let id = KeyId::new("key_1").unwrap();
    let client = ClientId::from(id.clone());
    let identity =
        Identity::new(Subject::new("alice").unwrap(), Environment::Live, client, CredentialRef::ApiKey { id });
    issuer.mint(&MintRequest::new(&identity, Timestamp::MAX)).unwrap()
}

fn key_id(token: &InternalToken) -> String {
    Jws::parse(token.expose_secret()).unwrap().header().key_id().unwrap().to_owned()
}

/// The issuer's key set over HTTP, behind a cache that keeps each answer for as long as it may: until
/// `max_age` is over (zero: there is no cache).
struct Published {
    url: Url,
    asked: Arc<AtomicUsize>,
}

impl Published {
    async fn behind_a_cache(issuer: &Arc<Issuer>, clock: &ManualClock, max_age: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/jwks.json", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let (issuer, clock, counter) = (Arc::clone(issuer), clock.clone(), Arc::clone(&asked));
        let kept: Mutex<Option<(Timestamp, String)>> = Mutex::default();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let body = {
                    let mut kept = kept.lock().unwrap();
                    let now = clock.now();
                    match &*kept {
                        Some((since, body)) if now < since.saturating_add(max_age) => body.clone(),
                        _ => kept.insert((now, String::from_utf8(issuer.jwks().to_vec()).unwrap())).1.clone(),
                    }
                };
                let mut head = [0; 4096];
                _ = stream.read(&mut head).await.unwrap();
                let answer =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, asked }
    }
}

/// A service behind the edge. It takes nothing for verified because it was verified before.
struct Service {
    keys: KeySet,
    verifier: Verifier,
    published: Published,
    refreshed: usize,
}

impl Service {
    async fn start(issuer: &Arc<Issuer>, clock: &ManualClock, cache: Duration) -> Self {
        let published = Published::behind_a_cache(issuer, clock, cache).await;
        let http = Arc::new(HttpClient::new().unwrap());
        let source = KeySource::JwksUri(published.url.clone());
        let keys = KeySet::new(issuer.id().clone(), source, http, clock.clone(), KeySetSettings::default());
        let verifier = Verifier::builder(issuer.id().clone(), issuer.audiences()[0].clone())
            .key_set(keys.clone())
            .max_ttl(Duration::ZERO)
            .clock(clock.clone())
            .build()
            .await
            .unwrap();
        let mut service = Self { keys, verifier, published, refreshed: 0 };
        service.refresh().await;
        service
    }

    /// What it does in the background each [`KeySetSettings::refresh_interval`].
    async fn refresh(&mut self) {
        self.keys.refresh().await.unwrap();
        self.refreshed += 1;
    }

    /// How many of these tokens it refuses, for whatever reason.
    async fn refuses(&self, tokens: &[InternalToken]) -> usize {
        let mut refused = 0;
        for token in tokens {
            refused += usize::from(self.verifier.verify(token.expose_secret()).await.is_err());
        }
        refused
    }

    /// No token has made it ask: it had each key before it met it.
    fn asked_for_nothing_else(&self) -> bool {
        self.published.asked.load(Ordering::SeqCst) == self.refreshed
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_live_token_is_refused_while_keys_rotate_under_load() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let edges = [issuer(&clock, &folder), issuer(&clock, &folder)];
    // Beside each edge a service that asks it directly, and one that is told what a cache knows.
    let mut services = Vec::new();
    for edge in &edges {
        services.push(Service::start(edge, &clock, Duration::ZERO).await);
        services.push(Service::start(edge, &clock, JWKS_MAX_AGE).await);
    }
    let interval = steps(KeySetSettings::default().refresh_interval);
    let mut live: Vec<InternalToken> = Vec::new();
    let (mut keys_seen, mut verified) = (std::collections::HashSet::new(), 0);
    for step in 0..steps(Duration::from_secs(2 * 3600)) {
        for (number, edge) in edges.iter().enumerate() {
            if (step + 2 * number) % steps(MINUTE) == 0 {
                let edge = Arc::clone(edge);
                // Tokens are minted and verified meanwhile.
                tokio::task::spawn_blocking(move || edge.maintain().unwrap());
            }
        }
        for (number, service) in services.iter_mut().enumerate() {
            if (step + 7 * number) % interval == interval - 1 {
                service.refresh().await;
            }
        }
        let fresh: Vec<_> = edges.iter().map(|edge| mint(edge)).collect();
        keys_seen.extend(fresh.iter().map(key_id));
        live.extend(fresh);
        live.retain(|token| token.expires_at() > clock.now());
        // The youngest and the oldest: all others have been the one and will be the other.
        let old = live.len().min(2);
        let checked: Vec<_> = live[..old].iter().chain(&live[live.len() - 2..]).cloned().collect();
        let asked: Vec<_> = services.iter().map(|service| service.refuses(&checked)).collect();
        for (number, refused) in futures_util::future::join_all(asked).await.into_iter().enumerate() {
            assert_eq!(refused, 0, "service {number} at step {step}");
            verified += checked.len();
        }
        clock.advance(STEP);
    }
    assert!(services.iter().all(Service::asked_for_nothing_else));
    assert_eq!(keys_seen.len(), 4, "one key for each half hour");
    assert!(verified > 5000, "{verified}");
}

/// The worst moment: a cache took the key set right before the next key was published, and a service
/// took it from there right before the cache's time was over.
#[tokio::test]
async fn whoever_fetched_right_before_the_next_key_was_published_knows_it_before_it_signs() {
    let (clock, folder) = (ManualClock::default(), remint_testkit::private_folder());
    let edge = issuer(&clock, &folder);
    let mut service = Service::start(&edge, &clock, JWKS_MAX_AGE).await;
    let before = key_id(&mint(&edge));
    edge.rotate().unwrap();
    clock.advance(JWKS_MAX_AGE - Duration::from_millis(1));
    service.refresh().await;
    // For so long it may hold what the cache held for so long.
    clock.advance(JWKS_MAX_AGE);
    assert_eq!(key_id(&mint(&edge)), before, "the next key does not sign while somebody may not know it");
    assert_eq!(service.refuses(&[mint(&edge)]).await, 0);
    service.refresh().await;
    clock.advance(2 * MINUTE + Duration::from_secs(1));
    let token = mint(&edge);
    assert_ne!(key_id(&token), before);
    assert_eq!(service.refuses(&[token]).await, 0);
    assert!(service.asked_for_nothing_else());
}

fn steps(duration: Duration) -> usize {
    usize::try_from(duration.as_secs() / STEP.as_secs()).unwrap()
}
