//! The miss by itself, and the line whose miss a server answers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Audience, Authentication, Clock as _, Credential, CredentialForm, DeniedKind, Effect, Enricher, Enrichment,
    Exchanged, Exchanger, Ext, Identity, InternalToken, IssuerId, ManualSteadyClock, MintRequest, Network, Position,
    Refusal, Revocation, RevocationWriter as _, Revoker as _, Slot, Stamp, Target, Timestamp, TokenIssuer, Unavailable,
    UnavailableKind, UserId, Verified,
};
use remint_normalize::{Authority, BuildError, Normalizer, Progress};
use remint_revocation::{MemoryLog, Revocations};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};

fn names() -> (IssuerId, Audience) {
    (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap())
}

fn credential() -> Credential<'static> {
    Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, "good")
}

fn ended(target: Target) -> Revocation {
    Revocation::ended(target, Timestamp::from_secs(2))
}

fn revocations() -> Revocations {
    Revocations::in_memory(ManualClock::default()).unwrap()
}

fn authority(known: &FakeAuthenticator, revocations: &Revocations) -> Authority {
    authority_of(known, revocations, FakeIssuer::new(ManualClock::default()))
}

fn authority_of(known: &FakeAuthenticator, revocations: &Revocations, issuer: impl TokenIssuer) -> Authority {
    let (id, audience) = names();
    let line = Normalizer::builder(id, audience, issuer)
        .authenticator(known.clone())
        .revocations(revocations.clone())
        .clock(ManualClock::default());
    line.build().unwrap().authority().unwrap().clone()
}

#[tokio::test]
async fn what_is_revoked_while_a_token_is_made_makes_it_dead() {
    let (known, revocations) = (FakeAuthenticator::new(), revocations());
    known.answer("good", Ok(api_key_of("alice")));
    let authority = authority(&known, &revocations);
    for (target, dead) in [("alice", true), ("bob", false)] {
        let minting = authority.begin();
        let found = minting.authenticate(credential()).await.unwrap().into_inner();
        revocations.table().apply(&ended(Target::User(UserId::new(target).unwrap())));
        minting.issue(&minting.narrow(found.clone()), found.expires_at, &[]).await.unwrap();
        let settled = minting.settle(&found.identity.targets());
        assert_eq!(
            settled.map_err(|error| error.kind()).err(),
            dead.then_some(UnavailableKind::Overloaded),
            "{target}"
        );
    }
    // What was revoked before is the authenticator's business.
    let minting = authority.begin();
    let found = minting.authenticate(credential()).await.unwrap().into_inner();
    assert!(minting.settle(&found.identity.targets()).is_ok());
}

#[tokio::test]
async fn a_credential_that_was_ended_is_nobodys() {
    let (known, revocations) = (FakeAuthenticator::new(), revocations());
    known.answer("good", Ok(api_key_of("alice")));
    let authority = authority(&known, &revocations);
    let key = known_key();
    revocations.table().apply(&ended(Target::Key(key)));
    let refusal = authority.begin().authenticate(credential()).await.unwrap_err();
    assert_eq!(refusal.reason(), DeniedKind::Revoked.reason());
}

fn known_key() -> remint_core::KeyId {
    "k1".parse().unwrap()
}

/// A server that answers what it is told, and how often it was asked.
#[derive(Debug, Clone)]
struct Server {
    clock: ManualClock,
    answer: Arc<Mutex<Result<Authentication, Refusal>>>,
    asked: Arc<AtomicUsize>,
    rev: Arc<Mutex<Option<Stamp>>>,
}

impl Server {
    fn new(answer: Authentication) -> Self {
        let clock = ManualClock::default();
        Self { clock, answer: Arc::new(Mutex::new(Ok(answer))), asked: Arc::default(), rev: Arc::default() }
    }

    fn answer(&self, answer: Result<Authentication, Refusal>) {
        *self.answer.lock().unwrap() = answer;
    }
}

#[async_trait]
impl Exchanger for Server {
    async fn exchange(&self, _: Credential<'_>) -> Result<Exchanged, Refusal> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let authentication = self.answer.lock().unwrap().clone()?;
        let request = MintRequest::new(&authentication.identity, authentication.expires_at);
        let token = FakeIssuer::new(self.clock.clone()).issue(request).await?;
        #[expect(clippy::disallowed_methods, reason = "a fake of a server that verifies")]
        let (issued_at, authentication) = (self.clock.now(), Verified::vouch(authentication));
        Ok(Exchanged { token, authentication, issued_at, rev: self.rev.lock().unwrap().clone() })
    }

    fn revocation_log(&self) -> Option<Arc<dyn remint_core::RevocationLog>> {
        None
    }
}

fn edge(server: &Server, revocations: &Revocations) -> Normalizer {
    let (issuer, audience) = names();
    let line = Normalizer::exchanging(issuer, audience, server.clone());
    line.revocations(revocations.clone()).clock(server.clock.clone()).build().unwrap()
}

/// Who passes, or why nobody does; and whether it was known already.
async fn ask(edge: &Normalizer) -> (Result<String, &'static str>, bool) {
    let request = http::Request::get("/").header("x-api-key", "good").body(()).unwrap();
    let named = |identity: &Identity| identity.subject.to_string();
    match edge.begin((&request).into()) {
        Progress::Hit(pass, _) => (Ok(named(pass.identity())), true),
        Progress::Miss(exchange, _) => {
            (exchange.await.map(|pass| named(pass.identity())).map_err(|refusal| refusal.reason()), false)
        }
        Progress::Rejected(refusal) => (Err(refusal.reason()), true),
        Progress::Anonymous(_) => (Err("anonymous"), true),
    }
}

#[tokio::test]
async fn a_line_without_keys_asks_the_server_once_and_holds_each_request_to_what_it_says() {
    let revocations = revocations();
    let server = Server::new(api_key_of("alice"));
    let edge = edge(&server, &revocations);
    assert!(edge.authority().is_none());
    assert_eq!(ask(&edge).await, (Ok("alice".to_owned()), false));
    assert_eq!(ask(&edge).await, (Ok("alice".to_owned()), true));
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);

    // A row makes it ask again; whatever the server then says of networks is held to.
    let network: Network = "10.0.0.0/8".parse().unwrap();
    server.answer(Ok(Authentication { networks: vec![network], ..api_key_of("alice") }));
    revocations
        .table()
        .apply(&Revocation { effect: Effect::Changed, ..ended(Target::User(UserId::new("alice").unwrap())) });
    assert_eq!(ask(&edge).await, (Err("network"), false));
    assert_eq!(ask(&edge).await, (Err("network"), true));
    assert_eq!(server.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_the_server_refuses_is_refused_and_what_it_cannot_say_is_an_outage() {
    let revocations = revocations();
    let server = Server::new(api_key_of("alice"));
    let edge = edge(&server, &revocations);
    server.answer(Err(DeniedKind::NotExchanged.into()));
    assert_eq!(ask(&edge).await, (Err("not_exchanged"), false));
    server.answer(Err(Unavailable::new(UnavailableKind::Issuer).into()));
    assert_eq!(ask(&edge).await, (Err("issuer"), false), "what the server refused a moment ago is not remembered");
    server.answer(Ok(api_key_of("alice")));
    assert_eq!(ask(&edge).await, (Ok("alice".to_owned()), false));
}

#[tokio::test]
async fn what_is_ended_here_is_refused_though_the_server_still_accepts_it() {
    let revocations = revocations();
    let server = Server::new(api_key_of("alice"));
    let edge = edge(&server, &revocations);
    assert_eq!(ask(&edge).await.0, Ok("alice".to_owned()));
    revocations.table().apply(&ended(Target::Key(known_key())));
    assert_eq!(ask(&edge).await, (Err("revoked"), false));
}

#[tokio::test]
async fn an_entry_ends_with_the_credential_that_the_server_names() {
    let revocations = revocations();
    let now = ManualClock::default().now();
    let ends = now.saturating_add(Duration::from_secs(40));
    let server = Server::new(Authentication { expires_at: ends, ..api_key_of("alice") });
    let edge = edge(&server, &revocations);
    assert_eq!(ask(&edge).await.0, Ok("alice".to_owned()));
    server.clock.advance(Duration::from_secs(40));
    server.answer(Err(DeniedKind::NotExchanged.into()));
    assert_eq!(ask(&edge).await, (Err("not_exchanged"), false));
}

#[derive(Debug)]
struct Nothing;

#[async_trait]
impl Enricher for Nothing {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        Ok(Enrichment::new(Ext::new()))
    }
}

#[test]
fn nobody_adds_to_what_a_server_mints() {
    let server = Server::new(api_key_of("alice"));
    let line = || {
        let (issuer, audience) = names();
        Normalizer::exchanging(issuer, audience, server.clone())
    };
    assert!(line().build().is_ok());
    assert!(matches!(line().enricher(Nothing).build(), Err(BuildError::Remote)));
    assert!(matches!(line().authenticator(FakeAuthenticator::new()).build(), Err(BuildError::Remote)));
}

#[tokio::test]
async fn a_token_of_a_server_that_had_read_less_than_this_edge_is_asked_for_again_and_never_kept() {
    let log = Arc::new(MemoryLog::new(100).unwrap());
    let revocations = Revocations::follow(log, ManualClock::default()).await.unwrap();
    let server = Server::new(api_key_of("alice"));
    let edge = edge(&server, &revocations);
    let read = |position| Stamp { position: Position(position), ..revocations.table().read_up_to().unwrap() };
    let alice = Target::User(UserId::new("alice").unwrap());
    for (position, effect) in (1..).zip([Effect::Changed, Effect::Ended]) {
        revocations.revoke(Revocation::new(alice.clone(), effect, Timestamp::from_secs(1))).await.unwrap();
        *server.rev.lock().unwrap() = Some(read(position - 1));
        assert_eq!(ask(&edge).await, (Err("overloaded"), false), "{effect:?}");
        assert!(server.asked.swap(0, Ordering::SeqCst) > 1, "{effect:?}");
        *server.rev.lock().unwrap() = Some(read(position));
        assert_eq!(
            ask(&edge).await,
            (Ok("alice".to_owned()), false),
            "{effect:?}: by positions, whatever the clocks say"
        );
        assert_eq!(ask(&edge).await, (Ok("alice".to_owned()), true), "{effect:?}");
        server.asked.store(0, Ordering::SeqCst);
    }
    // Of another log: the time tells.
    server.clock.set(Timestamp::from_secs(31));
    let other = Stamp { log: "other".parse().unwrap(), position: Position(9) };
    *server.rev.lock().unwrap() = Some(other);
    revocations.table().forget_entries(Timestamp::from_secs(1));
    assert_eq!(ask(&edge).await, (Err("revoked"), false));
    server.clock.set(Timestamp::from_secs(32));
    revocations.table().forget_entries(Timestamp::from_secs(1));
    assert_eq!(ask(&edge).await, (Ok("alice".to_owned()), false));
}

#[tokio::test]
async fn a_token_says_how_far_the_log_was_read_before_anybody_was_asked_unless_nobody_can_follow_it() {
    let known = FakeAuthenticator::new();
    let log = Arc::new(MemoryLog::new(100).unwrap());
    let followed = Revocations::follow(log, ManualClock::default()).await.unwrap();
    let before = followed.revoke(ended(Target::Everything)).await.unwrap();
    for (revocations, expected) in [(followed, Some(before)), (revocations(), None)] {
        let issuer = Told::default();
        let authority = authority_of(&known, &revocations, issuer.clone());
        let minting = authority.begin();
        revocations.revoke(ended(Target::Everything)).await.unwrap();
        let narrowed = minting.narrow(api_key_of("alice"));
        minting.issue(&narrowed, Timestamp::MAX, &[]).await.unwrap();
        assert_eq!(*issuer.0.lock().unwrap(), expected);
    }
}

/// An issuer that remembers which stamp it was told.
#[derive(Debug, Clone, Default)]
struct Told(Arc<Mutex<Option<Stamp>>>);

#[async_trait]
impl TokenIssuer for Told {
    async fn issue(&self, request: MintRequest<'_>) -> Result<InternalToken, Refusal> {
        *self.0.lock().unwrap() = request.stamp.cloned();
        FakeIssuer::new(ManualClock::default()).issue(request).await
    }
}

/// A line with keys whose log is followed, by a clock that nobody sets.
async fn following(known: &FakeAuthenticator) -> (Normalizer, Arc<MemoryLog>, Revocations, ManualSteadyClock) {
    let (log, steady) = (Arc::new(MemoryLog::new(100).unwrap()), ManualSteadyClock::default());
    let followed = Revocations::follow_by(Arc::clone(&log) as _, ManualClock::default(), steady.clone()).await.unwrap();
    let (id, audience) = names();
    let line = Normalizer::builder(id, audience, FakeIssuer::new(ManualClock::default()))
        .authenticator(known.clone())
        .revocations(followed.clone())
        .clock(ManualClock::default());
    (line.build().unwrap(), log, followed, steady)
}

#[tokio::test(start_paused = true)]
async fn a_line_that_slept_reads_the_log_before_a_cached_entry_answers() {
    let known = FakeAuthenticator::new();
    known.answer("good", Ok(api_key_of("alice")));
    let (line, log, _revocations, steady) = following(&known).await;
    assert_eq!(ask(&line).await, (Ok("alice".to_owned()), false));
    assert_eq!(ask(&line).await, (Ok("alice".to_owned()), true));
    steady.advance(Duration::from_secs(1));
    known.answer("good", Err(DeniedKind::NotExchanged.into()));
    assert_eq!(ask(&line).await, (Ok("alice".to_owned()), false), "read, and remembered as before");
    assert_eq!(ask(&line).await, (Ok("alice".to_owned()), true));
    steady.advance(Duration::from_secs(1));
    log.append(&[ended(Target::Key(known_key()))]).await.unwrap();
    assert_eq!(ask(&line).await, (Err(DeniedKind::NotExchanged.reason()), false));
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_blind_for_too_long_answers_nobody_and_blames_nobody() {
    let known = FakeAuthenticator::new();
    known.answer("good", Ok(api_key_of("alice")));
    let (line, _log, revocations, _steady) = following(&known).await;
    assert_eq!(ask(&line).await, (Ok("alice".to_owned()), false));
    let revocations = revocations.with_max_staleness(Duration::ZERO);
    for _ in 0..2 {
        assert_eq!(ask(&line).await, (Err(UnavailableKind::RevocationLog.reason()), false));
    }
    known.answer("good", Err(DeniedKind::NotExchanged.into()));
    assert_eq!(ask(&line).await, (Err(UnavailableKind::RevocationLog.reason()), false));
    let _revocations = revocations.with_max_staleness(Duration::from_secs(30));
    assert_eq!(ask(&line).await, (Ok("alice".to_owned()), true));
}
