//! What the log says of refusals inside the edge. One test, in a process of its own: tracing remembers for a whole process
//! which places are listened to.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use remint_core::SystemClock;
use remint_quota::{Limit, Plan, Plans};
use remint_testkit::CapturedLog;
use remint_tower::{Caller, Quota, QuotaLayer, RequireLayer, SignedInLayer};
use tower::ServiceExt;

fn limits() -> QuotaLayer {
    let minute = std::time::Duration::from_secs(60);
    let limits = ["user", "day"].map(|name| Limit::new(name, 1, minute).unwrap());
    QuotaLayer::new(Quota::in_memory(Plans::new(Plan::new(limits).unwrap()), SystemClock))
        .with_cost(2.try_into().unwrap())
}

/// The request's id in the answer, and the lines that were logged of it.
async fn refused(app: Router, log: &CapturedLog, path: &str, id: Option<&str>) -> (String, String) {
    log.take();
    let request = id.into_iter().fold(Request::get(path), |request, id| request.header("x-request-id", id));
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    (response.headers()["x-request-id"].to_str().unwrap().to_owned(), log.text())
}

#[tokio::test]
async fn each_refusal_inside_the_edge_leaves_one_line_with_the_id_of_its_answer() {
    let log = CapturedLog::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.writer()).finish();
    let _log = tracing::subscriber::set_default(subscriber);

    let jobs = || async { "jobs" };
    let app = Router::new()
        .route("/me", get(|caller: Caller| async move { caller.subject.to_string() }))
        .route("/ext", get(|caller: Caller<u8>| async move { caller.subject.to_string() }))
        .route("/jobs", get(jobs).layer(RequireLayer::authenticated()))
        .route("/limited", get(jobs).layer(limits()));
    let anonymous = || app.clone().layer(SignedInLayer::anonymous());
    let alice = || app.clone().layer(SignedInLayer::new(&Caller::for_test("alice")));
    for (app, path, level, said) in [
        (anonymous(), "/me", "INFO", &["asks=\"Caller\"", "reason=\"no_credential\"", "kind=\"none\""][..]),
        (anonymous(), "/jobs", "INFO", &["asks=\"RequireLayer\"", "reason=\"no_credential\"", "kind=\"none\""]),
        (alice(), "/limited", "INFO", &["limits=\"user day\"", "kind=\"api_key\"", "api_key=\"test-key\""]),
        (alice(), "/ext", "ERROR", &["cause=", "not of the shape"]),
        (app.clone(), "/me", "ERROR", &["asks=\"Caller\"", "must stand outside"]),
    ] {
        for given in [Some("r-1"), None] {
            let (id, text) = refused(app.clone(), &log, &format!("{path}?token=secret"), given).await;
            assert!(given.is_none_or(|given| id == given), "{path}: {id}");
            assert_eq!(text.lines().count(), 1, "{path}: {text}");
            assert!(text.contains(level) && text.contains(&format!("request_id=\"{id}\"")), "{path}: {text}");
            assert!(text.contains(&format!("method=\"GET\" path=\"{path}\"")) && !text.contains("secret"), "{text}");
            for said in said {
                assert!(text.contains(said), "{path}: {said}: {text}");
            }
        }
    }
}
