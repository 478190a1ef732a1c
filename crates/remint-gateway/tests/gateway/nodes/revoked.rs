//! Whatever is revoked at one gateway or at the command line.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{API_KEY, PATIENCE, Presented, Provider, exchanged, jti, key_of, oauth, of_the_client, pair, revoke};

#[tokio::test]
async fn what_is_revoked_at_one_gateway_is_refused_at_the_other_whatever_it_is() {
    let provider = Provider::new();
    let (first, mut second) = pair(&provider);
    let (of_alice, of_bob) = (key_of(&first, "alice", None).await, key_of(&first, "bob", None).await);
    let (of_carol, of_dave) = (key_of(&first, "carol", Some("acme")).await, key_of(&first, "dave", None).await);
    let idp = "https://idp.example";
    let external = |subject: &str, more: Value| provider.token("idp", subject, more);
    let minted = exchanged(&first, API_KEY, &of_dave.1).await;
    let cases = [
        (json!({ "kind": "key", "id": of_alice.0 }), Presented::ApiKey(of_alice.1)),
        (json!({ "kind": "user", "id": "bob" }), Presented::ApiKey(of_bob.1)),
        (json!({ "kind": "client", "id": "job" }), Presented::Internal(of_the_client(&first).await)),
        (json!({ "kind": "subject", "issuer": idp, "subject": "s1" }), Presented::External(external("s1", json!({})))),
        (
            json!({ "kind": "session", "issuer": idp, "session": "of-s2" }),
            Presented::External(external("s2", json!({ "sid": "of-s2" }))),
        ),
        (json!({ "kind": "token", "issuer": idp, "jti": "of-s3" }), Presented::External(external("s3", json!({})))),
        (
            json!({ "kind": "token", "issuer": "http://127.0.0.1:8480", "jti": jti(&minted) }),
            Presented::Internal(minted),
        ),
        (json!({ "kind": "tenant", "id": "acme" }), Presented::ApiKey(of_carol.1)),
        (json!({ "kind": "issuer", "id": idp }), Presented::External(external("s4", json!({})))),
    ];
    let other = Presented::External(provider.token("other", "s5", json!({})));
    for (number, (target, presented)) in cases.iter().enumerate() {
        for gateway in [&first, &second, &first, &second] {
            assert!(presented.is_accepted(gateway).await, "{target} {}", gateway.log());
        }
        let (here, there) = if number % 2 == 0 { (&first, &second) } else { (&second, &first) };
        assert_eq!(revoke(here, target).await, StatusCode::ACCEPTED, "{target}");
        assert!(!presented.is_accepted(here).await, "{target}");
        let taken = presented.is_refused_within(there, PATIENCE).await;
        println!("{target}: {taken:?}");
    }

    // A start reads what is in force before it serves.
    assert_eq!(second.stop(), Some(0));
    second.start();
    for (target, presented) in &cases {
        assert!(!presented.is_accepted(&second).await, "{target} was forgotten");
    }
    let everything = json!({ "kind": "everything" });
    for gateway in [&first, &second] {
        assert!(other.is_accepted(gateway).await);
    }
    assert_eq!(revoke(&first, &everything).await, StatusCode::ACCEPTED);
    assert!(!other.is_accepted(&first).await);
    other.is_refused_within(&second, PATIENCE).await;
    second.kill();
    second.start();
    assert!(!other.is_accepted(&second).await, "it was forgotten");
}

#[tokio::test]
async fn what_the_holder_of_a_text_revokes_is_refused_at_the_other_gateway() {
    let (first, second) = pair(&Provider::new());
    let key = key_of(&first, "alice", None).await.1;
    let token = of_the_client(&first).await;
    for (text, presented) in [(&key, Presented::ApiKey(key.clone())), (&token, Presented::Internal(token.clone()))] {
        for gateway in [&first, &second] {
            assert!(presented.is_accepted(gateway).await, "{presented:?}");
        }
        assert_eq!(oauth(&first, "revoke", &[("token", text)]).await.0, StatusCode::OK);
        assert!(!presented.is_accepted(&first).await);
        presented.is_refused_within(&second, PATIENCE).await;
    }
}

#[tokio::test]
async fn a_key_that_the_command_line_revokes_is_refused_at_each_gateway_that_runs() {
    let (first, second) = pair(&Provider::new());
    let made = first.json(&["create", "--user", "alice", "--create-user"]);
    let key = Presented::ApiKey(made["key"].as_str().unwrap().to_owned());
    for gateway in [&first, &second, &first, &second] {
        assert!(key.is_accepted(gateway).await);
    }
    assert!(first.keys(&["revoke", made["id"].as_str().unwrap()]).status.success());
    for gateway in [&first, &second] {
        let taken = key.is_refused_within(gateway, PATIENCE).await;
        println!("{taken:?}");
    }
    assert!(!first.log().contains("command_line"), "it went through the gateway");
}
