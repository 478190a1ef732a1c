use serde_json::{Value, json};

use super::*;

/// A request with one good credential, and what an edge makes of it.
struct Case {
    world: World,
    sent: Sent,
    internal: String,
}

impl Case {
    async fn new() -> Self {
        let world = World::new().await;
        let (internal, sent) = (world.internal_token(), sent(&[("x-api-key", "secret"), ("accept", "*/*")]));
        Self { world, sent, internal }
    }

    /// The good answer with these further lines at the upstream.
    fn forwarded(&self, further: &[(&str, &str)]) -> Observation {
        let token = format!("Bearer {}", self.internal);
        let lines = [("authorization", token.as_str()), ("accept", "*/*")].into_iter().chain(further.iter().copied());
        forwarded(lines.collect())
    }

    fn judge(&self, verdict: Value, seen: &Observation) -> Result<(), String> {
        judge(&serde_json::from_value(verdict).unwrap(), &self.sent, seen, &self.world)
    }
}

fn sent(headers: &[(&str, &str)]) -> Sent {
    Sent {
        method: "GET".to_owned(),
        target: "/jobs".to_owned(),
        headers: owned(headers),
        secrets: vec!["secret".to_owned()],
        forwards_connection: true,
    }
}

fn forwarded(lines: Vec<(&str, &str)>) -> Observation {
    let upstream = Upstream { method: "GET".to_owned(), target: "/jobs".to_owned(), headers: owned(&lines) };
    Observation::Forwarded { upstream, answer: answer(200, &[], "") }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    Answer { status, headers: owned(headers), body: body.to_owned() }
}

fn owned(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn good() -> Value {
    json!({ "forward": { "subject": "alice", "keeps": ["accept"] } })
}

#[tokio::test]
async fn what_goes_on_is_what_is_listed_with_one_internal_token() {
    let case = Case::new().await;
    assert_eq!(case.judge(good(), &case.forwarded(&[])), Ok(()));
    for (further, what) in [
        (("x-api-key", "secret"), "`x-api-key` went on"),
        (("x-other", "my secret"), "a credential went on in `x-other`"),
        (("x-remint-env", "live"), "`x-remint-env` went on"),
        (("x_remint_env", "live"), "`x_remint_env` went on"),
        (("authorization", "Bearer x"), "two lines"),
        (("accept", "more"), "accept"),
    ] {
        let error = case.judge(good(), &case.forwarded(&[further])).unwrap_err();
        assert!(error.contains(what), "{error}");
    }
    let elsewhere = json!({ "forward": { "subject": "alice", "keeps": ["accept", "x-missing"] } });
    assert!(case.judge(elsewhere, &case.forwarded(&[])).unwrap_err().contains("was not sent"));
}

#[tokio::test]
async fn who_the_caller_is_the_internal_token_says_and_nothing_else_is_one() {
    let case = Case::new().await;
    let other = World::new().await.internal_token();
    let external = case.world.external_token();
    for token in ["x.y.z", "", &other, &external, &format!("{}x", case.internal)] {
        let lines = vec![("authorization", token), ("accept", "*/*")];
        assert!(case.judge(good(), &forwarded(lines)).is_err(), "{token}");
        let bearer = format!("Bearer {token}");
        let lines = vec![("authorization", bearer.as_str()), ("accept", "*/*")];
        assert!(case.judge(good(), &forwarded(lines)).is_err(), "{token}");
    }
    let anonymous = json!({ "forward": { "keeps": ["accept"] } });
    assert!(case.judge(anonymous.clone(), &case.forwarded(&[])).is_err());
    assert_eq!(case.judge(anonymous, &forwarded(vec![("accept", "*/*")])), Ok(()));
}

#[tokio::test]
async fn method_target_and_answer_are_as_they_must_be() {
    let case = Case::new().await;
    let changed = |change: fn(&mut Upstream, &mut Answer)| {
        let Observation::Forwarded { mut upstream, mut answer } = case.forwarded(&[]) else { unreachable!() };
        change(&mut upstream, &mut answer);
        case.judge(good(), &Observation::Forwarded { upstream, answer })
    };
    assert_eq!(changed(|_, _| ()), Ok(()));
    assert!(changed(|upstream, _| upstream.method = "POST".to_owned()).is_err());
    assert!(changed(|upstream, _| upstream.target = "/".to_owned()).is_err());
    assert!(changed(|_, answer| answer.status = 401).is_err());
    assert!(changed(|_, answer| answer.headers = owned(&[("www-authenticate", "Bearer")])).is_err());
}

#[tokio::test]
async fn a_proxy_that_writes_connection_itself_must_not_name_the_token_in_it() {
    let mut case = Case::new().await;
    let verdict = json!({ "forward": { "subject": "alice", "keeps": ["accept"], "sets": [["connection", "te"]] } });
    let seen = |value| case.forwarded(&[("connection", value)]);
    let (own, other, named) = (seen("te"), seen("keep-alive"), seen("Authorization"));
    assert_eq!(case.judge(verdict.clone(), &own), Ok(()));
    assert!(case.judge(verdict.clone(), &other).is_err());
    case.sent.forwards_connection = false;
    assert_eq!(case.judge(verdict.clone(), &other), Ok(()));
    assert!(case.judge(verdict, &named).is_err());
}

#[tokio::test]
async fn a_denial_is_a_problem_document_that_nobody_stores() {
    let case = Case::new().await;
    let body = r#"{"status":401,"title":"Unauthorized"}"#;
    let headers =
        [("www-authenticate", "Bearer"), ("cache-control", "no-store"), ("content-type", "application/problem+json")];
    let denied = json!({ "deny": { "status": 401, "challenges": ["Bearer"] } });
    let judge =
        |headers: &[(&str, &str)], body| case.judge(denied.clone(), &Observation::Answered(answer(401, headers, body)));
    assert_eq!(judge(&headers, body), Ok(()));
    for missing in 0..headers.len() {
        let fewer: Vec<_> =
            headers.iter().enumerate().filter(|(index, _)| *index != missing).map(|(_, line)| *line).collect();
        assert!(judge(&fewer, body).is_err(), "{missing}");
    }
    for body in ["", "{}", r#"{"status":400}"#, r#"{"status":401,"error":"invalid_token"}"#] {
        assert!(judge(&headers, body).is_err(), "{body}");
    }
    assert!(case.judge(denied, &case.forwarded(&[])).is_err());
}

#[tokio::test]
async fn a_denial_of_grpc_has_no_body() {
    let case = Case::new().await;
    let headers = [("cache-control", "no-store"), ("content-type", "application/grpc"), ("grpc-status", "14")];
    let denied = json!({ "deny": { "status": 200, "grpc_status": "14" } });
    let judge =
        |headers: &[(&str, &str)], body| case.judge(denied.clone(), &Observation::Answered(answer(200, headers, body)));
    assert_eq!(judge(&headers, ""), Ok(()));
    assert!(judge(&headers, "{}").is_err());
    assert!(judge(&[headers[0], ("content-type", "text/plain"), headers[2]], "").is_err());
    assert!(judge(&[headers[0], headers[1], ("grpc-status", "16")], "").is_err());
}

#[tokio::test]
async fn a_denial_has_the_members_that_are_listed_and_not_those_that_are_null() {
    let case = Case::new().await;
    let listed = |members: Value| json!({ "deny": { "status": 403, "members": members } });
    let headers = [("content-type", "application/problem+json"), ("cache-control", "no-store")];
    let seen = Observation::Answered(answer(403, &headers, r#"{"status":403,"required_roles":["a"]}"#));
    for members in [json!({}), json!({ "required_roles": ["a"], "required_entitlements": null })] {
        assert_eq!(case.judge(listed(members), &seen), Ok(()));
    }
    for members in [json!({ "required_roles": ["b"] }), json!({ "required_roles": null }), json!({ "other": [] })] {
        let error = case.judge(listed(members), &seen).unwrap_err();
        assert!(error.contains("in place of"), "{error}");
    }
}
