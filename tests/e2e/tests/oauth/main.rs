//! Our authorization server before clients that nobody here wrote: each drives every grant, discovery first,
//! and verifies every token.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

mod dpop;
mod opaque;
mod remote;

use remint_e2e::{Algorithm, Authorization, OAuthClient, Outcome, Provider, trusted};
use serde_json::{Value, json};

/// What one client saw of a server of its own.
async fn driven(client: OAuthClient) -> Outcome<(Authorization, Value)> {
    let provider = Provider::start().await?;
    let server = Authorization::start(trusted(&provider)).await?;
    let jwt = provider.log_in("alice", Algorithm::Es256).await?.access;
    let key = server.sign_up("bob").await?;
    let steps = client.drive(&server.orders(&jwt, &key)?).await?;
    Ok((server, steps))
}

fn acting(client: &str) -> Value {
    json!({ "sub": format!("client|{client}"), "cred": { "kind": "client", "id": client } })
}

async fn drives_every_grant(client: OAuthClient) -> Outcome<()> {
    let (server, steps) = driven(client).await?;
    let access_token = "urn:ietf:params:oauth:token-type:access_token";
    for (step, claims) in [
        (
            "basic",
            json!({ "sub": "client|service-1", "client_id": "service-1", "cred": { "kind": "client", "id": "service-1" } }),
        ),
        ("post", json!({ "sub": "client|service-1" })),
        ("private_key_jwt", json!({ "sub": "client|signed-1", "client_id": "signed-1" })),
        ("jwt", json!({ "sub": "idp|alice", "scope": "jobs:read", "issued_token_type": access_token, "act": null })),
        ("api_key", json!({ "sub": "bob", "scope": "jobs:read jobs:write", "issued_token_type": access_token })),
        ("next_hop", json!({ "sub": "idp|alice", "aud": "orders", "scope": "jobs:read", "act": acting("service-1") })),
        ("actor", json!({ "sub": "bob", "act": acting("worker-1") })),
        ("assertion", json!({ "sub": "idp|alice", "scope": "jobs:read jobs:write", "issued_token_type": null })),
    ] {
        let seen = &steps[step];
        assert_eq!(seen["iss"], server.issuer(), "{client:?} {step}: {seen}");
        assert!(seen["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")), "{step}: {seen}");
        for (name, expected) in claims.as_object().ok_or("no claims")? {
            assert_eq!(&seen[name], expected, "{client:?} {step} {name}: {seen}");
        }
    }
    let introspected = &steps["introspected"];
    assert_eq!((&introspected["active"], &introspected["sub"]), (&json!(true), &json!("idp|alice")), "{introspected}");
    assert_eq!(introspected["jti"], steps["jwt"]["jti"]);
    assert_eq!(steps["revoked"], json!({ "active": false }));
    for (step, error) in [
        ("wrong_secret", "invalid_client"),
        ("wider", "invalid_scope"),
        ("foreign", "invalid_target"),
        ("ended", "invalid_request"),
        ("wrong_type", "invalid_request"),
    ] {
        assert_eq!(steps[step], error, "{client:?} {step}");
    }
    Ok(())
}

#[tokio::test]
async fn openid_client_drives_every_grant_and_jose_verifies_every_token() -> Outcome<()> {
    drives_every_grant(OAuthClient::OpenidClient).await
}

#[tokio::test]
async fn oauth4webapi_drives_every_grant_and_takes_every_token_for_one_of_rfc_9068() -> Outcome<()> {
    drives_every_grant(OAuthClient::Oauth4webapi).await
}

#[tokio::test]
async fn both_discovery_documents_are_the_same_for_oauth4webapi() -> Outcome<()> {
    let (_server, steps) = driven(OAuthClient::Oauth4webapi).await?;
    assert_eq!(steps["same_document"], true);
    Ok(())
}

#[tokio::test]
async fn authlib_drives_every_grant_and_pyjwt_verifies_every_token() -> Outcome<()> {
    drives_every_grant(OAuthClient::Authlib).await
}

#[tokio::test]
async fn googles_client_of_the_exchange_is_served() -> Outcome<()> {
    let (_server, steps) = driven(OAuthClient::GoogleSts).await?;
    for step in ["jwt", "key"] {
        assert_eq!(steps[step]["token_type"], "Bearer", "{steps}");
        assert_eq!(steps[step]["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    }
    assert_eq!(steps["jwt"]["scope"], "jobs:read");
    assert!(steps["foreign"].as_str().is_some_and(|error| error.contains("invalid_target")), "{steps}");
    Ok(())
}
