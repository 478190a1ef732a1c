//! Nothing of what is sent or answered stands in a log, an error or a metric. A log has a process of its
//! own.

use std::sync::Arc;

use metrics_util::debugging::DebuggingRecorder;
use remint_core::{ClientId, UnavailableKind};
use remint_oauth_client::{
    ClientCredentials, ClientSecret, Endpoint, EndpointAddress, EndpointSettings, Form, HttpClient,
};
use remint_testkit::CapturedLog;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::test]
async fn nothing_of_a_call_is_shown_whatever_becomes_of_it() {
    let log = CapturedLog::default();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.writer()).init();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let form = Form::new().with("subject_token", "canary-subject");
    let mut shown = format!("{form:?}");
    for response in [
        ResponseTemplate::new(200).set_body_json(serde_json::json!({ "access_token": "canary-answer" })),
        ResponseTemplate::new(200).set_body_raw("canary-answer", "application/json"),
        ResponseTemplate::new(200).set_body_raw("canary-answer".repeat(10_000), "application/json"),
        ResponseTemplate::new(400).set_body_json(serde_json::json!({ "error": "canary-answer" })),
        ResponseTemplate::new(500).set_body_raw("canary-answer", "text/html"),
        ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1/canary-answer"),
    ] {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(response).mount(&server).await;
        for secret_in in [ClientCredentials::secret_basic, ClientCredentials::secret_post] {
            let credentials = secret_in(ClientId::new("edge-1").unwrap(), ClientSecret::new("canary-secret"));
            let address = EndpointAddress::Fixed([&server.uri(), "/?canary-query"].concat().parse().unwrap());
            let builder = Endpoint::builder(address, credentials, Arc::new(HttpClient::new().unwrap()));
            let settings = EndpointSettings { retries: 0, ..EndpointSettings::default() };
            let endpoint = builder.settings(settings).build().unwrap();
            // Often enough for the breaker.
            for _ in 0..6 {
                if let Err(error) = endpoint.call(&form).await {
                    shown +=
                        &format!("{error} {error:?} {:?}", error.clone().into_unavailable(UnavailableKind::Issuer));
                }
            }
            shown += &format!("{endpoint:?} {:?}", endpoint.credentials());
        }
    }
    let log = log.text();
    assert!(log.contains("the endpoint gave nothing") && log.contains("left alone for a while"), "{log}");
    let counted = format!("{:?}", snapshotter.snapshot().into_vec());
    for outcome in ["ok", "malformed", "too_large", "refused", "status", "breaker_open"] {
        assert!(counted.contains(&format!("Label(\"outcome\", \"{outcome}\")")), "{outcome}: {counted}");
    }
    assert!(counted.contains("remint_oauth_breaker_open"));
    for text in [shown, counted, log] {
        for canary in ["canary-subject", "canary-secret", "canary-answer", "Y2FuYXJ5LXNlY3JldA"] {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
    }
}
