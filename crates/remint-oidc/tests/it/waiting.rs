//! A provider that hangs holds up its own tokens alone, and so many of them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::task::{Context, Waker};

use http::Request;
use remint_core::{Refusal, UnavailableKind};
use remint_normalize::{Normalizer, PendingPass, Progress, Rejection};
use remint_oidc::Trust;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use serde_json::json;
use tokio::runtime::Handle;

use crate::support::{AUDIENCE, Edge, FakeHttp, OWN, Provider};

const HUNG: &str = "https://hung.example";
/// So many callers hang up.
const CALLERS: usize = 10_000;

fn begin(line: &Normalizer, header: &str, value: &str) -> PendingPass {
    let request = Request::get("/").header(header, value).body(()).unwrap();
    match line.begin((&request).into()) {
        Progress::Miss(exchange, _) => exchange,
        _ => panic!("not a miss"),
    }
}

/// Tokens that differ in their signature alone.
fn forged(token: &str, number: usize) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    format!("Bearer {signed}.{number:08}{}", &signature[8..])
}

#[tokio::test(start_paused = true)]
async fn callers_of_a_provider_that_hangs_who_hang_up_make_no_more_tasks_and_refuse_nobody_else() {
    let (provider, http) = (Provider::new(), FakeHttp::new());
    let trusts = [Trust::oidc(HUNG, AUDIENCE).max_waiting(16), provider.trust()];
    let edge = Edge::new(trusts, http.clone(), &provider.clock);
    let held = http.hold();
    let keys = FakeAuthenticator::new();
    keys.answer("good", Ok(api_key_of("alice")));
    let gate = keys.gate();
    let line =
        Normalizer::builder(OWN.parse().unwrap(), "internal".parse().unwrap(), FakeIssuer::new(provider.clock.clone()))
            .authenticator(edge.0)
            .authenticator(keys)
            .max_waiting(64)
            .clock(provider.clock.clone())
            .build()
            .unwrap();
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let (before, mut context) = (tasks(), Context::from_waker(Waker::noop()));
    let of_hung = provider.sign(&provider.with(json!({ "iss": HUNG })));
    let (mut waiting, mut refused) = (0, 0);
    for number in 0..CALLERS {
        let mut exchange = Box::pin(begin(&line, "authorization", &forged(&of_hung, number)));
        match exchange.as_mut().poll(&mut context).map_err(Rejection::into_refusal) {
            std::task::Poll::Pending => waiting += 1,
            std::task::Poll::Ready(Err(Refusal::Unavailable(ours))) if ours.kind() == UnavailableKind::Overloaded => {
                assert!(ours.retry_after().as_secs() >= 1);
                refused += 1;
            }
            std::task::Poll::Ready(other) => panic!("{other:?}"),
        }
        if number % 1_000 == 0 {
            let subject = format!("alice-{number}");
            let token = provider.sign(&provider.with(json!({ "sub": subject })));
            begin(&line, "authorization", &format!("Bearer {token}")).await.unwrap();
        }
    }
    assert_eq!((waiting, refused), (16, CALLERS - 16));
    assert!(tasks() <= before + 17, "{} tasks for sixteen that wait and one fetch", tasks() - before);
    // Nor does it hold up API keys, although they wait too.
    gate.add_permits(1);
    begin(&line, "x-api-key", "good").await.unwrap();
    // When the provider answers at last, there is room again.
    http.set(
        &[HUNG, "/.well-known/openid-configuration"].concat(),
        json!({ "issuer": HUNG, "jwks_uri": format!("{HUNG}/jwks") }),
    );
    http.set(&[HUNG, "/jwks"].concat(), provider.jwks().to_json());
    held.notify_one();
    while tasks() > before {
        tokio::task::yield_now().await;
    }
    begin(&line, "authorization", &format!("Bearer {of_hung}")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_token_under_a_known_key_passes_though_no_token_may_wait() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().max_waiting(0));
    edge.accepts(&provider.sign(&provider.claims())).await;
}
