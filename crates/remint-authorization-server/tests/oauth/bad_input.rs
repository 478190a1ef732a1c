//! The errors of RFC 6749 §5.2 and RFC 8693 §2.2.2, each by the request that asks for it.

use async_trait::async_trait;
use axum::body::Body;
use http::Request;
use remint_core::{Authentication, Authenticator, Credential, Refusal, Unavailable, UnavailableKind, Verified};

use crate::support::*;

/// What is done to a good exchange, and what it is answered with.
type Row = (&'static str, Vec<(&'static str, Option<String>)>, (u16, &'static str));

fn set(name: &'static str, value: impl Into<String>) -> (&'static str, Option<String>) {
    (name, Some(value.into()))
}

const fn without(name: &'static str) -> (&'static str, Option<String>) {
    (name, None)
}

/// A good exchange of the client `svc` in the form, with these changes.
async fn answer(world: &World, changes: &[(&'static str, Option<String>)]) -> Answer {
    let mut parameters: Vec<(&str, String)> = vec![
        ("grant_type", EXCHANGE.into()),
        ("client_id", "svc".into()),
        ("client_secret", secret("svc")),
        ("subject_token", world.external(serde_json::json!({}))),
        ("subject_token_type", JWT.into()),
        ("audience", "internal".into()),
    ];
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        parameters.extend(value.clone().map(|value| (*name, value)));
    }
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    world.send(post("/oauth2/token", &[], &parameters)).await
}

#[tokio::test]
async fn each_parameter_that_is_missing_empty_or_wrong_has_its_error() {
    let world = World::new().await;
    let external = |changes| world.external(changes);
    let key = world.user("bob", "read").await;
    let internal = world.own_token("svc").await;
    let request = (400, "invalid_request");
    let client = (401, "invalid_client");
    let mut rows: Vec<Row> = vec![
        ("no grant type", vec![without("grant_type")], request),
        ("an unknown grant type", vec![set("grant_type", "password")], (400, "unsupported_grant_type")),
        ("nobody", vec![without("client_id"), without("client_secret")], client),
        ("an id alone", vec![without("client_secret")], client),
        ("a secret alone", vec![without("client_id")], client),
        ("an unknown client", vec![set("client_id", "who")], client),
        ("a wrong secret", vec![set("client_secret", "wrong")], client),
        ("another's secret", vec![set("client_secret", secret("edge"))], client),
        ("no subject token", vec![without("subject_token")], request),
        ("no subject token type", vec![without("subject_token_type")], request),
        ("an unknown subject token type", vec![set("subject_token_type", "jwt")], request),
        ("an actor token without its type", vec![set("actor_token", internal.as_str())], request),
        ("an actor token type without a token", vec![set("actor_token_type", JWT)], request),
        ("an unknown actor token type", vec![set("actor_token", "x"), set("actor_token_type", "x")], request),
        ("a foreign audience", vec![set("audience", "stock")], (400, "invalid_target")),
        ("a foreign resource", vec![set("resource", "https://stock.example")], (400, "invalid_target")),
        ("a wider scope", vec![set("scope", "read delete")], (400, "invalid_scope")),
        ("a scope twice spaced", vec![set("scope", "read  write")], (400, "invalid_scope")),
        ("a scope with a quote", vec![set("scope", "re\"ad")], (400, "invalid_scope")),
        (
            "another requested type",
            vec![set("requested_token_type", "urn:ietf:params:oauth:token-type:saml2")],
            request,
        ),
        ("an assertion without its type", vec![without("client_secret"), set("client_assertion", "e30")], request),
        (
            "an assertion type without it",
            vec![without("client_secret"), set("client_assertion_type", ASSERTION)],
            request,
        ),
        (
            "two ways to authenticate",
            vec![set("client_assertion", "e30"), set("client_assertion_type", ASSERTION)],
            request,
        ),
        ("a key as a JWT", vec![set("subject_token", key.as_str())], request),
        (
            "a key as an access token",
            vec![set("subject_token", key.as_str()), set("subject_token_type", ACCESS_TOKEN)],
            request,
        ),
        ("a JWT as a key", vec![set("subject_token_type", API_KEY)], request),
        ("a token that is none", vec![set("subject_token", "e30.e30.e30")], request),
        ("a token with a line feed", vec![set("subject_token", "a\nb")], request),
        ("a token over its limit", vec![set("subject_token", format!("{}.e30.e30", "A".repeat(16 * 1024)))], request),
        ("a forged token", vec![set("subject_token", forged(&external(serde_json::json!({}))))], request),
    ];
    for name in ["grant_type", "subject_token", "subject_token_type"] {
        rows.push(("an empty parameter", vec![set(name, "")], request));
    }
    for kind in ["refresh_token", "saml1", "saml2", "id_token", "txn_token"] {
        let kind = format!("urn:ietf:params:oauth:token-type:{kind}");
        rows.push(("a type that is not exchanged", vec![set("subject_token_type", kind)], request));
    }
    let other = |name: &str, value| external(serde_json::json!({ name: value }));
    for (name, value) in [
        ("exp", 1.into()),
        ("aud", "another".into()),
        ("iss", "https://evil.example".into()),
        ("cnf", serde_json::json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })),
        ("events", serde_json::json!({})),
        ("nonce", "n".into()),
        ("act", 7.into()),
        ("act", "".into()),
        ("sub", "".into()),
    ] {
        rows.push(("a token that is not accepted", vec![set("subject_token", other(name, value))], request));
    }
    assert_eq!(answer(&world, &[]).await.status, 200, "the request that is changed is good");
    for (what, changes, expected) in rows {
        let answer = answer(&world, &changes).await;
        assert_eq!(answer.error(), expected, "{what}: {changes:?}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), expected.0 == 401, "{what}");
        assert!(answer.body.get("access_token").is_none(), "{what}");
    }
}

#[tokio::test]
async fn an_optional_parameter_without_a_value_is_as_good_as_absent() {
    let world = World::new().await;
    for name in ["scope", "audience", "resource", "actor_token", "actor_token_type", "requested_token_type"] {
        assert_eq!(answer(&world, &[set(name, "")]).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_parameter_twice_is_refused_unless_it_may_be_repeated() {
    let world = World::new().await;
    let subject = world.external(serde_json::json!({}));
    let good = [
        ("grant_type", EXCHANGE),
        ("subject_token", subject.as_str()),
        ("subject_token_type", JWT),
        ("scope", "read"),
        ("requested_token_type", ACCESS_TOKEN),
        ("unknown", "x"),
    ];
    assert_eq!(world.token("edge", &good).await.status, 200);
    for (name, value) in good {
        let answer = world.token("edge", &[&good[..], &[(name, value)]].concat()).await;
        assert_eq!(answer.error(), (400, "invalid_request"), "{name}");
    }
    let both = [&good[..], &[("audience", "internal"), ("audience", "orders"), ("audience", "orders")]].concat();
    let claims = world.token("svc", &both).await.claims(&world);
    assert_eq!(claims["aud"], serde_json::json!(["internal", "orders"]));
}

#[tokio::test]
async fn only_a_post_of_a_form_within_the_limit_is_read() {
    let world = World::new().await;
    let good = form(&[("grant_type", "client_credentials")]);
    let send = |request: http::request::Builder, body: String| {
        let (name, value) = basic("svc", &secret("svc")).remove(0);
        world.send(request.header(name, value).body(Body::from(body)).unwrap())
    };
    let (path, kind) = ("/oauth2/token", "application/x-www-form-urlencoded");
    let typed = |request: http::request::Builder, kind: &str| request.header("content-type", kind);
    assert_eq!(send(typed(Request::post(path), kind), good.clone()).await.status, 200);
    let utf8 = format!("{kind};charset=UTF-8");
    assert_eq!(send(typed(Request::post(path), &utf8), good.clone()).await.status, 200);

    for method in ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"] {
        let answer = send(typed(Request::builder().method(method).uri(path), kind), good.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.headers["allow"]), (405, &"POST".parse().unwrap()), "{method}");
    }
    for kind in ["application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded2"] {
        assert_eq!(
            send(typed(Request::post(path), kind), good.clone()).await.error(),
            (400, "invalid_request"),
            "{kind}"
        );
    }
    assert_eq!(send(Request::post(path), good.clone()).await.error(), (400, "invalid_request"));
    let twice = typed(typed(Request::post(path), kind), kind);
    assert_eq!(send(twice, good.clone()).await.error(), (400, "invalid_request"));
    let query = typed(Request::post(format!("{path}?scope=read")), kind);
    assert_eq!(send(query, good.clone()).await.error(), (400, "invalid_request"));
    let padded = |len: usize| format!("{good}&x={}", "a".repeat(len - good.len() - 3));
    assert_eq!(send(typed(Request::post(path), kind), padded(64 * 1024)).await.status, 200);
    assert_eq!(send(typed(Request::post(path), kind), padded(64 * 1024 + 1)).await.error(), (413, "invalid_request"));
    let many: String = (0..64).map(|nth| format!("&p{nth}=1")).collect();
    assert_eq!(send(typed(Request::post(path), kind), good.clone() + &many).await.error(), (400, "invalid_request"));
    let not_text = send(typed(Request::post(path), kind), good + "&scope=%ff").await;
    assert_eq!(not_text.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn an_internal_token_is_no_assertion_and_an_external_one_no_token_of_ours() {
    let world = World::new().await;
    let internal = world.own_token("svc").await;
    let assertion = [("grant_type", BEARER), ("assertion", internal.as_str())];
    assert_eq!(world.token("svc", &assertion).await.error(), (400, "invalid_grant"));
    // It says that it is ours, and is signed by somebody else.
    let posed = world.external(serde_json::json!({ "iss": ISSUER, "aud": "internal", "env": "live" }));
    assert_eq!(world.exchange("svc", (JWT, &posed), &[]).await.error(), (400, "invalid_request"));
    let forged = forged(&internal);
    assert_eq!(world.exchange("svc", (ACCESS_TOKEN, &forged), &[]).await.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn a_client_without_the_right_to_a_grant_is_told_so() {
    let world = World::new().await;
    let subject = world.external(serde_json::json!({}));
    for form in [
        vec![("grant_type", EXCHANGE), ("subject_token", subject.as_str()), ("subject_token_type", JWT)],
        vec![("grant_type", BEARER), ("assertion", subject.as_str())],
        vec![("grant_type", "client_credentials")],
    ] {
        assert_eq!(world.token("nobody", &form).await.error(), (400, "unauthorized_client"));
        assert_eq!(world.token("svc", &form).await.status, 200);
    }
}

#[tokio::test]
async fn a_bad_assertion_is_an_invalid_grant() {
    let world = World::new().await;
    let ask = async |assertion: String| world.token("svc", &[("grant_type", BEARER), ("assertion", &assertion)]).await;
    assert_eq!(ask(world.external(serde_json::json!({}))).await.status, 200);
    for assertion in [
        world.external(serde_json::json!({ "exp": 1 })),
        world.external(serde_json::json!({ "aud": "another" })),
        forged(&world.external(serde_json::json!({}))),
        world.user("bob", "read").await,
    ] {
        assert_eq!(ask(assertion).await.error(), (400, "invalid_grant"));
    }
    assert_eq!(ask(String::new()).await.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn what_an_access_token_may_carry_along_refuses_an_assertion() {
    let world = World::new().await;
    for (nth, claims) in [
        serde_json::json!({ "auth_time": "2026-01-01T00:00:00Z" }),
        serde_json::json!({ "acr": 2 }),
        serde_json::json!({ "sid": 7 }),
        serde_json::json!({ "act": "helper" }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = claims;
        claims["jti"] = format!("odd-{nth}").into();
        let token = world.external(claims.clone());
        assert_eq!(world.exchange("svc", (JWT, &token), &[]).await.status, 200, "{claims}");
        let form = [("grant_type", BEARER), ("assertion", token.as_str())];
        assert_eq!(world.token("svc", &form).await.error(), (400, "invalid_grant"), "{claims}");
    }
}

/// Would have to ask somebody who is not there.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Authenticator for Nobody {
    async fn authenticate(&self, _: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        Err(Unavailable::new(UnavailableKind::Store).into())
    }
}

#[tokio::test]
async fn nobody_is_asked_about_what_can_be_no_token() {
    let mut world = World::new().await;
    world.app = world.server_of(|line| line.authenticator(Nobody));
    let of = |length: usize| "k".repeat(length);
    for (text, status) in [
        (of(1), 503),
        (of(16 * 1024), 503),
        (of(16 * 1024 + 1), 400),
        ("k-._~+/=".to_owned(), 503),
        ("k k".to_owned(), 400),
        ("k\u{e9}".to_owned(), 400),
        ("k,".to_owned(), 400),
        ("k\r\n".to_owned(), 400),
    ] {
        let answer = world.exchange("svc", (API_KEY, &text), &[]).await;
        assert_eq!(answer.status, status, "{} bytes", text.len());
    }
}
