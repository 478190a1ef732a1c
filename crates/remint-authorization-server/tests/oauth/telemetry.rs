//! What is counted.

use metrics_util::debugging::{DebugValue, DebuggingRecorder};

use crate::support::{World, basic, post};

#[tokio::test]
async fn how_long_a_token_request_takes_is_told_by_grant_and_outcome() {
    let world = World::new().await;
    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let own = [("grant_type", "client_credentials")];
    world.token("svc", &own).await.token();
    assert_eq!(world.token("edge", &own).await.error(), (400, "unauthorized_client"));
    assert_eq!(world.send(post("/oauth2/token", &basic("svc", "wrong"), &own)).await.status, 401);

    let mut told = Vec::new();
    for (key, _, _, value) in recorder.snapshotter().snapshot().into_vec() {
        if key.key().name() == "remint_token_request_seconds" {
            let DebugValue::Histogram(seconds) = value else { panic!("{value:?}") };
            assert!(matches!(seconds[..], [one] if *one > 0.0), "{seconds:?}");
            told.push(key.key().labels().map(|label| label.value().to_owned()).collect::<Vec<_>>().join(" "));
        }
    }
    told.sort();
    assert_eq!(told, ["client_credentials issued", "client_credentials unauthorized_client", "none invalid_client"]);
}

#[tokio::test]
async fn token_requests_are_counted_by_a_client_that_there_is() {
    let world = World::new().await;
    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let own = [("grant_type", "client_credentials")];
    world.token("svc", &own).await.token();
    for (client, secret) in [("svc", "wrong"), ("made-up", "x")] {
        assert_eq!(world.send(post("/oauth2/token", &basic(client, secret), &own)).await.status, 401);
    }
    let mut counted: Vec<_> = recorder.snapshotter().snapshot().into_vec().into_iter().map(|(key, ..)| key).collect();
    counted.retain(|key| key.key().name() == "remint_token_requests_total");
    let labels = |label: &metrics::Label| label.value().to_owned();
    let mut counted: Vec<_> =
        counted.iter().map(|key| key.key().labels().map(labels).collect::<Vec<_>>().join(" ")).collect();
    counted.sort();
    assert_eq!(counted, ["client_credentials svc issued", "none none invalid_client", "none svc invalid_client"]);
}
