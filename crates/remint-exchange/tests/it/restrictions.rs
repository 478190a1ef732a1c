//! What the server says beside the token, and what a credential says of itself.

use remint_core::{Confirmation, Timestamp};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::support::{Server, answer, changed, exchanged, unavailable};

/// 32 zero bytes, and 32 bytes of which the last is one.
const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const ONE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";

async fn telling(server: &Server, member: &Value) {
    let body = changed(answer(&server.token()), &json!({ "remint": member }));
    server.answers(ResponseTemplate::new(200).set_body_json(body)).await;
}

#[tokio::test]
async fn networks_confirmation_plan_and_end_come_along() {
    let server = Server::start().await;
    let ends = remint_core::Clock::now(&server.clock).as_secs() + 400;
    let member = json!({
        "networks": ["10.0.0.0/8"], "cnf": { "jkt": ZEROS }, "plan": "gold", "credential_exp": ends,
    });
    telling(&server, &member).await;
    let exchanged = exchanged(&server.exchanger(), "rmt_live_abc").await.unwrap();
    let authentication = exchanged.authentication.get();
    assert_eq!(authentication.networks, ["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(authentication.confirmation, Some(Confirmation::Jkt([0; 32])));
    assert_eq!(authentication.identity.plan.as_ref().unwrap().as_str(), "gold");
    assert_eq!(authentication.identity.credential_ends, Some(Timestamp::from_secs(ends)));
    assert_eq!(authentication.expires_at, Timestamp::from_secs(ends));
}

#[tokio::test]
async fn a_restriction_that_nobody_would_enforce_is_our_outage() {
    let server = Server::start().await;
    for member in [json!({ "hours": "9-17" }), json!({ "networks": ["x"] }), json!({ "cnf": { "jwk": {} } }), json!(1)]
    {
        telling(&server, &member).await;
        let why = unavailable(&server.exchanger(), "rmt_live_abc").await;
        assert_eq!(why, "the answer restricts the credential in a way that is not understood", "{member}");
    }
}

#[tokio::test]
async fn a_token_ends_no_later_than_the_server_says_of_the_credential() {
    let server = Server::start().await;
    let token_ends = remint_core::Clock::now(&server.clock).as_secs() + 300;
    telling(&server, &json!({ "credential_exp": token_ends })).await;
    exchanged(&server.exchanger(), "rmt_live_abc").await.unwrap();
    telling(&server, &json!({ "credential_exp": token_ends - 1 })).await;
    let why = unavailable(&server.exchanger(), "rmt_live_abc").await;
    assert_eq!(why, "the issued token lives longer than the credential");
}

#[tokio::test]
async fn a_credentials_own_confirmation_is_kept_though_the_server_does_not_mention_it() {
    let server = Server::start().await;
    server.issues(&server.token()).await;
    for (cnf, expected) in
        [(json!({ "jkt": ONE }), Confirmation::Jkt(one())), (json!({ "x5t#S256": ONE }), Confirmation::X5tS256(one()))]
    {
        let exchanged = exchanged(&server.exchanger(), &server.subject(&json!({ "cnf": cnf }))).await.unwrap();
        assert_eq!(exchanged.authentication.get().confirmation, Some(expected));
    }
}

#[tokio::test]
async fn two_confirmations_that_differ_are_our_outage() {
    let server = Server::start().await;
    let bound = server.subject(&json!({ "cnf": { "jkt": ONE } }));
    for cnf in [json!({ "jkt": ZEROS }), json!({ "x5t#S256": ONE })] {
        telling(&server, &json!({ "cnf": cnf })).await;
        let why = unavailable(&server.exchanger(), &bound).await;
        assert_eq!(why, "the answer's confirmation is not the credential's");
    }
    telling(&server, &json!({ "cnf": { "jkt": ONE } })).await;
    let exchanged = exchanged(&server.exchanger(), &bound).await.unwrap();
    assert_eq!(exchanged.authentication.get().confirmation, Some(Confirmation::Jkt(one())));
}

fn one() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[31] = 1;
    bytes
}
