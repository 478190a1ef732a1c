//! The whole stack: who comes through the line is held to their plan, and what passes is metered.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use remint_core::{
    Audience, IssuerId, KeyId, Page, Unavailable, UsageBatch, UsageFilter, UsageKey, UsageRow, UsageStore,
};
use remint_normalize::Normalizer;
use remint_quota::{Limit, Plan, Plans};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_tower::{Meter, MeterLayer, NormalizeLayer, Quota, QuotaLayer, Units};
use tower::{ServiceBuilder, ServiceExt, service_fn};

#[derive(Debug, Default)]
struct Account(Mutex<Vec<UsageRow>>);

#[async_trait]
impl UsageStore for Account {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        self.0.lock().unwrap().extend_from_slice(&batch.rows);
        Ok(())
    }

    async fn usage(&self, _: &UsageFilter, _: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        unreachable!("a meter only writes")
    }
}

async fn render(_: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::default());
    response.extensions_mut().insert(Units(5));
    Ok(response)
}

fn plan(quota: u64) -> Plan {
    Plan::new([Limit::new("user", quota, Duration::from_secs(60)).unwrap()]).unwrap()
}

#[tokio::test]
async fn a_plan_holds_for_all_of_a_users_keys_on_hits_and_misses_and_what_is_refused_is_not_metered() {
    let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
    let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
    let line = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone()));
    let line = line.authenticator(known.clone()).clock(clock.clone()).build().unwrap();
    for (text, id) in [("first-key", "key_1"), ("second-key", "key_2")] {
        let mut known_as = api_key_of("alice");
        known_as.identity.plan = Some("small".parse().unwrap());
        known_as.identity.credential = remint_core::CredentialRef::ApiKey { id: KeyId::new(id).unwrap() };
        known.answer(text, Ok(known_as));
    }
    known.answer("bobs-key", Ok(api_key_of("bob")));
    let plans = Plans::new(plan(1000)).with_plan("small".parse().unwrap(), plan(4));
    let (account, shared) = (Arc::new(Account::default()), Arc::new(clock.clone()));
    let meter = Meter::new(Arc::<Account>::clone(&account), shared.clone());
    let service = ServiceBuilder::new()
        .layer(NormalizeLayer::new(line))
        .layer(QuotaLayer::new(Quota::in_memory(plans, shared)))
        .layer(MeterLayer::new(meter.clone()))
        .service(service_fn(render));

    let ask = async |key: &str| {
        let request = Request::get("/").header("x-api-key", key).body(()).unwrap();
        service.clone().oneshot(request).await.unwrap()
    };
    let mut left = Vec::new();
    for key in ["first-key", "second-key", "first-key", "second-key", "first-key", "second-key"] {
        let response = ask(key).await;
        left.push((response.status(), response.headers()["ratelimit"].to_str().unwrap().to_owned()));
    }
    let (ok, refused) = (StatusCode::OK, StatusCode::TOO_MANY_REQUESTS);
    let expected = [(ok, 3, 15), (ok, 2, 30), (ok, 1, 45), (ok, 0, 60), (refused, 0, 15), (refused, 0, 15)];
    assert_eq!(left, expected.map(|(status, r, t)| (status, format!("\"user\";r={r};t={t}"))));
    assert_eq!(ask("bobs-key").await.headers()["ratelimit-policy"], r#""user";q=1000;w=60"#);

    meter.flush().await.unwrap();
    let rows = account.0.lock().unwrap();
    let counts: Vec<_> = rows
        .iter()
        .map(|row| {
            (row.key.subject.as_str(), row.key.key.as_ref().map(KeyId::as_str), row.count.requests, row.count.units)
        })
        .collect();
    let bobs = counts.iter().find(|row| row.0 == "bob").map(|row| (row.2, row.3));
    assert_eq!(bobs, Some((1, 5)));
    assert_eq!(counts[..2], [("alice", Some("key_1"), 2, 10), ("alice", Some("key_2"), 2, 10)]);
}
