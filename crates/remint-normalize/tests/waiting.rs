//! What waits for one part takes no place from another, and not for ever.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::future::pending;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_core::{
    Authentication, Authenticator, Clock as _, Credential, CredentialForm, Enricher, Enrichment, Exchanged, Exchanger,
    Identity, Refusal, Slot, Timestamp, Unavailable, UnavailableKind, Verified,
};
use remint_normalize::{Normalizer, NormalizerBuilder, PendingPass, Progress, Rejection};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of, jwt_of};
use tokio::runtime::Handle;

/// A part that never answers; an authenticator says nothing of the other form.
#[derive(Debug, Clone, Copy)]
struct Hangs(CredentialForm);

#[async_trait]
impl Authenticator for Hangs {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        if credential.form() == self.0 { pending().await } else { Ok(None) }
    }
}

#[async_trait]
impl Enricher for Hangs {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        pending().await
    }
}

#[async_trait]
impl Exchanger for Hangs {
    async fn exchange(&self, _: Credential<'_>) -> Result<Exchanged, Refusal> {
        pending().await
    }

    fn revocation_log(&self) -> Option<std::sync::Arc<dyn remint_core::RevocationLog>> {
        None
    }
}

fn line(with: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder) -> Normalizer {
    let clock = ManualClock::default();
    let known = FakeAuthenticator::new();
    known.answer("good", Ok(api_key_of("alice")));
    known.answer("e30.e30.good", Ok(jwt_of("bob", clock.now(), Timestamp::MAX)));
    let issuer = FakeIssuer::new(clock.clone());
    let builder = Normalizer::builder("https://auth.internal".parse().unwrap(), "internal".parse().unwrap(), issuer);
    with(builder.max_waiting(4).clock(clock)).authenticator(known).build().unwrap()
}

fn begin(line: &Normalizer, credential: &str) -> PendingPass {
    let (name, value) = match credential.contains('.') {
        true => ("authorization", format!("Bearer {credential}")),
        false => ("x-api-key", credential.to_owned()),
    };
    let request = http::Request::get("/").header(name, value).body(()).unwrap();
    match line.begin((&request).into()) {
        Progress::Miss(exchange, _) => exchange,
        _ => panic!("not a miss"),
    }
}

/// Who comes, waits for a moment and hangs up: `None` if they had to wait.
fn hang_up(line: &Normalizer, credential: &str) -> Option<Result<(), UnavailableKind>> {
    let exchange = std::pin::pin!(begin(line, credential));
    match exchange.poll(&mut Context::from_waker(Waker::noop())).map_err(Rejection::into_refusal) {
        Poll::Pending => None,
        Poll::Ready(Ok(_)) => Some(Ok(())),
        Poll::Ready(Err(Refusal::Unavailable(ours))) => Some(Err(ours.kind())),
        Poll::Ready(Err(Refusal::Denied(denied))) => panic!("{denied:?}"),
    }
}

async fn unavailable(line: &Normalizer, credential: &str) -> UnavailableKind {
    match begin(line, credential).await.map_err(Rejection::into_refusal) {
        Err(Refusal::Unavailable(ours)) => ours.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn callers_who_hang_up_make_no_more_tasks_than_may_wait_and_the_other_form_passes() {
    for (form, waits, passes) in
        [(CredentialForm::ApiKey, "key-", "e30.e30.good"), (CredentialForm::Jwt, "e30.e30.", "good")]
    {
        let line = line(|builder| builder.authenticator(Hangs(form)));
        let before = Handle::current().metrics().num_alive_tasks();
        for number in 0..10_000 {
            let outcome = hang_up(&line, &format!("{waits}{number}"));
            assert_eq!(outcome, (number >= 4).then_some(Err(UnavailableKind::Overloaded)), "{waits}{number}");
        }
        assert_eq!(Handle::current().metrics().num_alive_tasks() - before, 4);
        assert_eq!(hang_up(&line, passes), Some(Ok(())), "it never waits");
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_that_never_answers_is_an_outage_after_the_deadline() {
    let hanging: [(&str, Normalizer); 2] = [
        ("an authenticator", line(|builder| builder.authenticator(Hangs(CredentialForm::ApiKey)))),
        ("an enricher", line(|builder| builder.enricher(Hangs(CredentialForm::ApiKey)))),
    ];
    for (part, line) in &hanging {
        let began = tokio::time::Instant::now();
        assert_eq!(unavailable(line, "good").await, UnavailableKind::Deadline, "{part}");
        assert_eq!(began.elapsed().as_secs(), 20, "{part}");
    }
    let server = Normalizer::exchanging(
        "https://auth.internal".parse().unwrap(),
        "internal".parse().unwrap(),
        Hangs(CredentialForm::ApiKey),
    );
    let server = server.max_waiting(4).wait_at_most(Duration::from_secs(3)).build().unwrap();
    assert_eq!(unavailable(&server, "good").await, UnavailableKind::Deadline);
    for number in 0..100 {
        let outcome = hang_up(&server, &format!("key-{number}"));
        assert_eq!(outcome, (number >= 4).then_some(Err(UnavailableKind::Overloaded)));
    }
    assert_eq!(hang_up(&server, "e30.e30.e30"), None, "JWTs have places of their own");
}

#[tokio::test(start_paused = true)]
async fn an_optional_enricher_that_hangs_is_done_without_and_its_places_are_its_own() {
    let line = line(|builder| builder.optional_enricher(Hangs(CredentialForm::ApiKey)).max_waiting(1));
    assert_eq!(hang_up(&line, "e30.e30.good"), None);
    assert_eq!(hang_up(&line, "good"), Some(Ok(())), "there is no place to wait for it");
    tokio::time::advance(Duration::from_secs(20)).await;
    let passed = tokio::time::timeout(Duration::from_secs(1), begin(&line, "e30.e30.good")).await;
    assert_eq!(passed.unwrap().unwrap().identity().subject.as_str(), "idp|bob");
}

#[tokio::test(start_paused = true)]
async fn the_authority_by_itself_is_bounded_by_the_same_places() {
    let line = line(|builder| builder.authenticator(Hangs(CredentialForm::ApiKey)));
    for number in 0..4 {
        assert_eq!(hang_up(&line, &format!("key-{number}")), None);
    }
    let minting = line.authority().unwrap().begin();
    let credential = Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, "key-4");
    match minting.authenticate(credential).await {
        Err(Refusal::Unavailable(ours)) => assert_eq!(ours.kind(), UnavailableKind::Overloaded),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn how_many_wait_is_a_metric() {
    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let line = line(|builder| builder.authenticator(Hangs(CredentialForm::ApiKey)));
    for number in 0..3 {
        hang_up(&line, &format!("key-{number}"));
    }
    let snapshot = recorder.snapshotter().snapshot().into_vec();
    let waiting = snapshot.iter().find(|(key, ..)| key.key().name() == "remint_waiting").unwrap();
    let label = waiting.0.key().labels().next().unwrap();
    assert_eq!((label.key(), label.value()), ("for", "api_key"));
    assert_eq!(waiting.3, DebugValue::Gauge(3.0.into()));
}

/// An answer that takes this long.
#[derive(Debug, Clone, Copy)]
struct Takes(Duration);

#[async_trait]
impl Authenticator for Takes {
    async fn authenticate(&self, _: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        tokio::time::advance(self.0).await;
        Ok(None)
    }
}

#[tokio::test(start_paused = true)]
async fn how_long_an_exchange_takes_is_told_to_the_microsecond_whatever_the_wall_clock_says() {
    for took in [Duration::from_micros(250), Duration::from_millis(1500)] {
        let recorder = DebuggingRecorder::new();
        let _guard = metrics::set_default_local_recorder(&recorder);
        // The line's clock stands still.
        let line = line(|builder| builder.authenticator(Takes(took)));
        begin(&line, "good").await.unwrap();
        let snapshot = recorder.snapshotter().snapshot().into_vec();
        let told = snapshot.iter().find(|(key, ..)| key.key().name() == "remint_exchange_seconds").unwrap();
        assert_eq!(told.3, DebugValue::Histogram(vec![took.as_secs_f64().into()]));
    }
}
