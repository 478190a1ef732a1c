use std::sync::Arc;
use std::time::Duration;

use remint_apikey::NewUser;
use remint_quota::{Limit, Per, Plan, Plans, Quota};
use remint_testkit::ManualClock;
use remint_tower::QuotaLayer;
use serde_json::{Value, json};

use crate::edge::{Answer, Edge, text};

const MINUTE: Duration = Duration::from_secs(60);

/// An edge with these limits for everybody, and a plan `more` of ten requests; and alice with a key.
async fn limited(limits: Vec<Limit>) -> (Edge, String) {
    let more = Plan::new([Limit::new("more", 10, MINUTE).unwrap()]).unwrap();
    let plans = Plans::new(Plan::new(limits).unwrap()).with_plan("more".parse().unwrap(), more);
    let quota = Quota::in_memory(plans, ManualClock::default());
    let edge = Edge::with(|service| service.quota(QuotaLayer::new(quota))).await;
    edge.user("alice", "remint:verify").await;
    let key = edge.maker("alice", "remint:verify").await;
    (edge, key)
}

fn limit(name: &str, quota: u64) -> Limit {
    Limit::new(name, quota, MINUTE).unwrap()
}

async fn read(edge: &Edge, key: &str) -> Answer {
    edge.call(key, "GET /v1/api-keys", Value::Null).await
}

#[tokio::test]
async fn a_caller_whose_limit_is_used_up_is_refused_with_429_and_told_when_to_come_back() {
    let (edge, key) = limited(vec![limit("user", 2)]).await;
    let first = read(&edge, &key).await;
    assert_eq!(
        (first.status.as_u16(), &first.headers["ratelimit-policy"]),
        (200, &"\"user\";q=2;w=60".parse().unwrap())
    );
    assert!(first.headers["ratelimit"].to_str().unwrap().starts_with("\"user\";r=1"), "{:?}", first.headers);
    assert_eq!(read(&edge, &key).await.status, 200);
    let refused = read(&edge, &key).await;
    assert_eq!((refused.status.as_u16(), &refused.body["status"]), (429, &json!(429)));
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    assert_eq!(refused.headers["retry-after"], "30");
    assert_eq!(refused.headers["ratelimit-policy"], "\"user\";q=2;w=60");
    // Nothing was done.
    let user: remint_core::UserId = "alice".parse().unwrap();
    let before = edge.keys.list(&user).await.unwrap().len();
    assert_eq!(edge.call(&key, "POST /v1/api-keys", json!({})).await.status, 429);
    assert_eq!(edge.keys.list(&user).await.unwrap().len(), before);
}

#[tokio::test]
async fn guessing_at_paths_is_counted_too() {
    let (edge, key) = limited(vec![limit("user", 1)]).await;
    assert_eq!(edge.call(&key, "GET /v1/nothing", Value::Null).await.status, 404);
    assert_eq!(edge.call(&key, "GET /v1/nothing", Value::Null).await.status, 429);
}

#[tokio::test]
async fn the_bootstrap_key_is_counted_on_nobody() {
    let (edge, _) = limited(vec![limit("user", 1), limit("key", 1).per(Per::Key)]).await;
    for _ in 0..3 {
        let answer = edge.bootstrap("GET /v1/users/alice", Value::Null).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.contains_key("ratelimit"), "{:?}", answer.headers);
    }
}

#[tokio::test]
async fn a_limit_of_a_class_counts_the_requests_of_its_class_only() {
    let verifying = ("POST /v1/api-keys/verify", json!({ "key": "x" }));
    let cases = [
        ("read", ("GET /v1/api-keys", Value::Null)),
        ("write", ("POST /v1/api-keys", json!({}))),
        ("verify", verifying),
    ];
    for (class, _) in &cases {
        let (edge, key) = limited(vec![limit("one", 1).with_class(class)]).await;
        for (other, (line, body)) in &cases {
            let (first, second) =
                (edge.call(&key, line, body.clone()).await, edge.call(&key, line, body.clone()).await);
            assert!(first.status.is_success(), "{class} {line}: {}", first.body);
            assert_eq!(second.status == 429, class == other, "a limit of {class}: {line} {}", second.body);
        }
    }
}

#[tokio::test]
async fn another_plan_holds_from_the_moment_at_which_it_is_given() {
    let (edge, key) = limited(vec![limit("user", 1)]).await;
    assert_eq!(read(&edge, &key).await.status, 200);
    assert_eq!(read(&edge, &key).await.status, 429);
    for (line, body) in
        [("PATCH /v1/users/alice", json!({ "plan": "more" })), ("PATCH /v1/users/alice", json!({ "plan": null }))]
    {
        let more = body["plan"] == "more";
        assert_eq!(edge.bootstrap(line, body).await.status, 200);
        let answer = read(&edge, &key).await;
        assert_eq!(answer.status, if more { 200 } else { 429 });
    }
    // The tenant's plan holds for whoever has none of their own.
    let carol = NewUser::new("carol".parse().unwrap()).with_tenant("acme".parse().unwrap());
    edge.keys.create_user(carol).await.unwrap();
    let key = text(&edge.bootstrap("POST /v1/api-keys", json!({ "user": "carol" })).await.body["key"]);
    assert_eq!(read(&edge, &key).await.headers["ratelimit-policy"], "\"user\";q=1;w=60");
    assert_eq!(edge.bootstrap("PATCH /v1/tenants/acme", json!({ "plan": "more" })).await.status, 200);
    let answer = read(&edge, &key).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["ratelimit-policy"]),
        (200, &"\"more\";q=10;w=60".parse().unwrap())
    );
}

#[tokio::test]
async fn a_refused_request_is_still_for_no_cache_and_a_missing_credential_is_charged_to_nobody() {
    let (edge, key) = limited(vec![limit("user", 1)]).await;
    assert_eq!(edge.call("wrong", "GET /v1/api-keys", Value::Null).await.status, 401);
    assert_eq!(read(&edge, &key).await.status, 200);
    let refused = read(&edge, &key).await;
    assert_eq!((refused.status.as_u16(), &refused.headers["cache-control"]), (429, &"no-store".parse().unwrap()));
}

#[tokio::test]
async fn the_document_tells_of_429() {
    let edge = Edge::new().await;
    let document = edge.call("", "GET /openapi.json", Value::Null).await.body;
    let answer = &document["paths"]["/v1/api-keys"]["get"]["responses"]["429"];
    assert!(answer["headers"]["Retry-After"].is_object(), "{answer}");
    assert_eq!(document["paths"]["/v1/api-keys"]["post"]["responses"]["429"], *answer);
}

#[tokio::test]
async fn what_comes_with_the_bootstrap_key_is_counted_on_nobody_whoever_else_was_stated() {
    let (edge, key) = limited(vec![limit("user", 1)]).await;
    let alice = Arc::new(remint_testkit::fakes::api_key_of("alice").identity);
    for _ in 0..3 {
        let mut request = crate::edge::request(crate::edge::BOOTSTRAP, "GET /v1/users/alice", Value::Null);
        request.extensions_mut().insert(Arc::clone(&alice));
        let answer = edge.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.headers.get("ratelimit")), (200, None));
    }
    assert_eq!(read(&edge, &key).await.status, 200);
}
