//! The issuer says where its keys are, and only the issuer.

use std::time::Duration;

use crate::fake::{Answer, CONFIGURATION, FakeHttp, Fixture, ISSUER, JWKS, key};
use remint_keyset::{Discovery, KeySetSettings, KeySource};

const OAUTH: &str = "https://idp.example/.well-known/oauth-authorization-server";

#[tokio::test(start_paused = true)]
async fn the_document_names_the_key_set() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(CONFIGURATION, Answer::discovery(ISSUER, "https://keys.example/set"));
    http.set("https://keys.example/set", Answer::keys(&[&key]));
    let fixture = Fixture::discovery(&http);
    fixture.set.start().await;
    assert!(fixture.find(key.key_id()).await.is_ok());
    assert_eq!(http.asked(), [CONFIGURATION, "https://keys.example/set"]);
}

#[tokio::test(start_paused = true)]
async fn an_authorization_server_without_openid_is_discovered_as_rfc_8414_says() {
    let (http, key) = (FakeHttp::new(), key());
    http.set(CONFIGURATION, Answer::Status(404));
    http.set(OAUTH, Answer::discovery(ISSUER, JWKS));
    http.set(JWKS, Answer::keys(&[&key]));
    let fixture = Fixture::discovery(&http);
    fixture.set.start().await;
    assert!(fixture.find(key.key_id()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_document_is_not_answered_by_the_other_one() {
    let http = FakeHttp::new();
    http.set(CONFIGURATION, Answer::Status(500));
    http.set(OAUTH, Answer::discovery(ISSUER, JWKS));
    let fixture = Fixture::discovery(&http);
    assert!(fixture.set.refresh().await.is_err());
    assert_eq!(http.asked(), [CONFIGURATION]);
}

#[tokio::test(start_paused = true)]
async fn a_document_of_another_issuer_is_not_believed() {
    for other in ["https://idp.example/", "https://IDP.example", "https://evil.example", "https://idp.example/x", ""] {
        let http = FakeHttp::new();
        http.set(CONFIGURATION, Answer::discovery(other, JWKS));
        http.set(JWKS, Answer::keys(&[&key()]));
        let fixture = Fixture::discovery(&http);
        assert!(fixture.set.refresh().await.is_err(), "{other}");
        assert_eq!(http.asked(), [CONFIGURATION], "{other}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_cannot_send_us_anywhere_below_tls() {
    for place in [
        "http://idp.example/jwks",
        "http://127.0.0.1:6379/",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "data:application/json,{}",
        "/jwks",
        "",
    ] {
        let http = FakeHttp::new();
        http.set(CONFIGURATION, Answer::discovery(ISSUER, place));
        http.set(place, Answer::keys(&[&key()]));
        let fixture = Fixture::discovery(&http);
        assert!(fixture.set.refresh().await.is_err(), "{place}");
        assert_eq!(http.asked(), [CONFIGURATION], "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_on_this_machine_may_have_its_keys_here_but_not_elsewhere_without_tls() {
    for (place, works) in [("http://127.0.0.1:4444/jwks", true), ("http://idp.example/jwks", false)] {
        let (http, issuer) = (FakeHttp::new(), "http://127.0.0.1:4444");
        http.set("http://127.0.0.1:4444/.well-known/openid-configuration", Answer::discovery(issuer, place));
        http.set(place, Answer::keys(&[&key()]));
        let fixture = Fixture::new(&http, KeySource::Discovery(Discovery::at(issuer, issuer).unwrap()));
        assert_eq!(fixture.set.refresh().await.is_ok(), works, "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn malformed_documents_are_not_believed() {
    for body in [
        "",
        "{}",
        "[]",
        r#"{"issuer":"https://idp.example"}"#,
        r#"{"issuer":["https://idp.example"],"jwks_uri":"x"}"#,
        r#"{"issuer":"https://evil.example","issuer":"https://idp.example","jwks_uri":"https://idp.example/jwks"}"#,
    ] {
        let http = FakeHttp::new();
        http.set(CONFIGURATION, Answer::Body(body.into()));
        http.set(JWKS, Answer::keys(&[&key()]));
        let fixture = Fixture::discovery(&http);
        assert!(fixture.set.refresh().await.is_err(), "{body}");
        assert_eq!(http.count(), 1, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_key_asks_the_set_alone_and_a_set_that_moved_is_discovered_anew() {
    let (http, old, new) = (FakeHttp::new(), key(), key());
    http.set(CONFIGURATION, Answer::discovery(ISSUER, JWKS));
    http.set(JWKS, Answer::keys(&[&old]));
    let fixture = Fixture::discovery(&http);
    fixture.set.refresh().await.unwrap();
    fixture.advance(Duration::from_secs(60)).await;
    assert!(fixture.find("other").await.is_err());
    assert_eq!(http.asked(), [CONFIGURATION, JWKS, JWKS]);
    http.set(JWKS, Answer::Status(404));
    http.set(CONFIGURATION, Answer::discovery(ISSUER, "https://idp.example/moved"));
    http.set("https://idp.example/moved", Answer::keys(&[&new]));
    fixture.advance(Duration::from_secs(60)).await;
    assert!(fixture.find(new.key_id()).await.is_err());
    fixture.advance(KeySetSettings::default().refetch_after + Duration::from_millis(1)).await;
    assert!(fixture.find(new.key_id()).await.is_ok());
}

#[test]
fn an_issuer_is_an_address_without_extras() {
    for bad in
        ["idp.example", "https://idp.example?x", "https://idp.example#x", "https://a:b@idp.example", "ftp://a", ""]
    {
        assert!(Discovery::at(bad, bad).is_err(), "{bad}");
    }
}

/// What the log says of a refresh that fails: the error, and what lies beneath it.
#[expect(clippy::unwrap_used, reason = "the helper of a test may panic")]
async fn failure(http: &std::sync::Arc<FakeHttp>) -> String {
    let unavailable = Fixture::discovery(http).set.refresh().await.unwrap_err();
    let mut causes = Vec::new();
    let mut next = std::error::Error::source(&unavailable);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.join(": ")
}

#[tokio::test(start_paused = true)]
async fn an_error_says_what_was_found() {
    let http = FakeHttp::new();
    http.set(CONFIGURATION, Answer::discovery("https://idp.example/", JWKS));
    assert_eq!(failure(&http).await, r#"the discovery document is of another issuer: "https://idp.example/""#);
    http.set(CONFIGURATION, Answer::discovery(ISSUER, "http://idp.example/jwks"));
    let forbidden = "the discovery document's jwks_uri is not an address that may be asked: ";
    assert_eq!(failure(&http).await, format!("{forbidden}{:?}", "http://idp.example/jwks"));
    // What OpenID's document answers, and not what the other does.
    for (fallback, status) in [(Answer::Status(404), 406), (Answer::Status(500), 403), (Answer::Refused, 401)] {
        http.set(CONFIGURATION, Answer::Status(status));
        http.set(OAUTH, fallback);
        let expected = format!("the discovery document could not be fetched: the answer has status {status}");
        assert_eq!(failure(&http).await, expected);
    }
    http.set(CONFIGURATION, Answer::Status(302));
    assert!(failure(&http).await.ends_with("the answer has status 302, and redirects are not followed"));
}

#[tokio::test(start_paused = true)]
async fn a_byte_order_mark_before_document_and_key_set_is_skipped() {
    let (http, key) = (FakeHttp::new(), key());
    let marked = |answer: Answer| match answer {
        Answer::Body(body) => Answer::Body([b"\xef\xbb\xbf".as_slice(), &body].concat()),
        other => other,
    };
    http.set(CONFIGURATION, marked(Answer::discovery(ISSUER, JWKS)));
    http.set(JWKS, marked(Answer::keys(&[&key])));
    let fixture = Fixture::discovery(&http);
    fixture.set.refresh().await.unwrap();
    assert!(fixture.find(key.key_id()).await.is_ok());
}
