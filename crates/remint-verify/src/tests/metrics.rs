use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use serde_json::json;

use super::layer::{answer, bearer};
use super::support::Mint;
use crate::VerifyLayer;

#[tokio::test]
async fn every_outcome_is_counted_with_its_reason() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await).optional();
    let token = mint.token();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = metrics::set_default_local_recorder(&recorder);
    answer(&layer, bearer(&token)).await;
    answer(&layer, bearer(&token)).await;
    answer(&layer, bearer(&mint.token_with(json!({ "aud": "other" })))).await;
    answer(&layer, http::Request::new(())).await;

    let mut counted: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let labels = key.key().labels().map(|label| label.value().to_owned()).collect::<Vec<_>>().join(" ");
            (format!("{} {labels}", key.key().name()), value)
        })
        .collect();
    counted.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = ["anonymous ", "cached ", "denied audience", "verified "]
        .map(|labels| (format!("remint_verify_total {labels}"), DebugValue::Counter(1)));
    assert_eq!(counted, expected);
}
