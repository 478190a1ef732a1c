use std::time::Duration;

use remint_core::{Clock, IssuerId, Timestamp};
use remint_jwt::{Algorithm, Jws, SigningKey, VerifyingKey};
use remint_oauth_client::{AssertionAudience, ClientCredentials, ClientSecret, Form};
use remint_testkit::ManualClock;

use crate::support::{basic, client, endpoint, only_request, parameters, serving, token_url};

fn form() -> Form {
    Form::new().with("token", "a b&c")
}

#[tokio::test]
async fn a_secret_goes_into_the_header() {
    let server = serving(crate::support::ok()).await;
    let answer = endpoint(&server, basic("s3cret")).call(&form()).await.unwrap();
    assert_eq!(answer.get("active"), Some(&true.into()));
    let request = only_request(&server).await;
    let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("authorization"), "Basic ZWRnZS0xOnMzY3JldA==");
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(header("accept"), "application/json");
    assert_eq!(parameters(&request), [("token".to_owned(), "a b&c".to_owned())]);
}

#[tokio::test]
async fn a_secret_goes_into_the_form() {
    let server = serving(crate::support::ok()).await;
    let credentials = ClientCredentials::secret_post(client(), ClientSecret::new("s&cret"));
    endpoint(&server, credentials).call(&form()).await.unwrap();
    let request = only_request(&server).await;
    assert!(!request.headers.contains_key("authorization"));
    let expected = [("token", "a b&c"), ("client_id", "edge-1"), ("client_secret", "s&cret")];
    assert_eq!(parameters(&request), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn an_assertion_says_who_we_are_to_one_server_for_a_minute() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let verifying = VerifyingKey::new(key.public_jwk(), Algorithm::Es256).unwrap();
    let key = std::sync::Arc::new(key);
    let server = serving(crate::support::ok()).await;
    let now = ManualClock::default().now();
    let issuer = IssuerId::new("https://auth.example").unwrap();
    let mut ids = Vec::new();
    for (audience, expected) in [
        (AssertionAudience::Endpoint, token_url(&server).to_string()),
        (AssertionAudience::Issuer(issuer.clone()), issuer.to_string()),
    ] {
        server.reset().await;
        let ok = crate::support::ok();
        wiremock::Mock::given(wiremock::matchers::method("POST")).respond_with(ok).mount(&server).await;
        let credentials = ClientCredentials::private_key_jwt(client(), key.clone(), audience);
        endpoint(&server, credentials).call(&form()).await.unwrap();
        let request = only_request(&server).await;
        assert!(!request.headers.contains_key("authorization"));
        let sent = parameters(&request);
        let [_, (id, who), (kind, bearer), (name, assertion)] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!((id.as_str(), who.as_str()), ("client_id", "edge-1"));
        assert_eq!(kind, "client_assertion_type");
        assert_eq!(bearer, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        assert_eq!(name, "client_assertion");
        let claims = Jws::parse(assertion).unwrap().verify(&verifying).unwrap().into_inner();
        assert_eq!((claims.issuer().unwrap(), claims.subject().unwrap()), ("edge-1", "edge-1"));
        assert_eq!(claims.audiences().unwrap().collect::<Vec<_>>(), [expected]);
        let seconds = |moment: Option<Timestamp>| moment.unwrap().as_secs();
        assert_eq!(seconds(claims.issued_at().unwrap()), now.as_secs());
        let ends = now.saturating_add(Duration::from_secs(60)).as_secs();
        assert_eq!(seconds(claims.expires_at().unwrap()), ends);
        ids.push(claims.get("jti").unwrap().clone());
    }
    assert_ne!(ids[0], ids[1], "each assertion is another one");
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?} {:?}", basic("canary"), ClientSecret::new("canary"));
    assert!(!shown.contains("canary"), "{shown}");
}
