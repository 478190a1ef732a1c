//! Nothing of a credential or a token stands in a log or an error, whatever the server does with it. A log
//! has a process of its own.

use remint_core::{Audience, ClientId, Credential, CredentialForm, Exchanger as _, IssuerId, Slot};
use remint_exchange::outbound::{CallerToken, ExchangedTokens, TokenSource as _};
use remint_exchange::{ClientCredentials, ClientSecret, EndpointSettings, KeySource, RemoteExchanger};
use remint_jwt::{Algorithm, SigningKey};
use remint_testkit::CapturedLog;
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A server that gives its callers their token back in every way it can.
fn responses(canary: &str) -> Vec<ResponseTemplate> {
    let json = |status: u16, body: serde_json::Value| ResponseTemplate::new(status).set_body_json(body);
    vec![
        json(200, json!({ "access_token": canary, "token_type": "Bearer" })),
        json(200, json!({ "access_token": canary, "token_type": canary, "issued_token_type": canary })),
        json(200, json!({ "access_token": canary, "token_type": "Bearer", "remint": { canary: canary } })),
        json(400, json!({ "error": canary, "error_description": canary })),
        json(400, json!({ "error": "invalid_request", "error_description": canary })),
        json(401, json!({ "error": "invalid_client", "error_description": canary })),
        json(500, json!({ "error": canary })),
        ResponseTemplate::new(200).set_body_raw(canary, "application/json"),
        ResponseTemplate::new(302).insert_header("location", ["http://127.0.0.1/", canary].concat()),
    ]
}

#[tokio::test]
async fn nothing_of_a_credential_is_shown_whatever_becomes_of_it() {
    let log = CapturedLog::default();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.writer()).init();
    let now = remint_core::Clock::now(&remint_core::SystemClock).as_secs();
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let claims = json!({ "iss": "https://idp.example", "sub": "canary-subject", "exp": now + 600 });
    let jwt = key.sign("JWT", &claims).unwrap();
    let mut shown = String::new();
    for text in [jwt.as_str(), "canary-key"] {
        let form = if text == jwt { CredentialForm::Jwt } else { CredentialForm::ApiKey };
        for response in responses(text) {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(response).mount(&server).await;
            let secret = ClientSecret::new("canary-secret");
            let credentials = ClientCredentials::secret_post(ClientId::new("edge-1").unwrap(), secret);
            let url = |at: &str| [&server.uri(), at].concat().parse().unwrap();
            let exchanger = RemoteExchanger::builder(
                IssuerId::new(server.uri()).unwrap(),
                Audience::new("internal").unwrap(),
                credentials,
            )
            .endpoint_settings(EndpointSettings { retries: 0, ..EndpointSettings::default() })
            .token_endpoint(url("/token"))
            .keys(KeySource::JwksUri(url("/jwks")))
            .build()
            .unwrap();
            let error = exchanger.exchange(Credential::new(Slot::Bearer, form, text)).await.unwrap_err();
            shown += &format!("{error} {error:?} {exchanger:?}");
            let tokens = ExchangedTokens::builder(exchanger.endpoint().clone(), Audience::new("b").unwrap());
            let tokens = tokens.build().unwrap();
            let outcome = tokens.token(Some(&CallerToken::new(text))).await;
            shown += &format!("{outcome:?} {tokens:?}");
        }
    }
    let log = log.text();
    assert!(log.contains("is not believed") && log.contains("refuses this client"), "{log}");
    let parts = jwt.split('.').map(str::to_owned);
    for canary in parts.chain(["canary".to_owned()]) {
        assert!(!shown.contains(&canary), "{canary} in {shown}");
        assert!(!log.contains(&canary), "{canary} in {log}");
    }
}
