//! A store that cannot be written while something is revoked.

use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::{Connection as _, SqliteConnection};

use super::{PATIENCE, Presented, Provider, key_of, oauth, pair, revoke};
use crate::support::BOOTSTRAP;

#[tokio::test]
async fn while_the_log_cannot_be_written_whoever_revokes_is_told_and_nothing_is_done_by_half() {
    let provider = Provider::new();
    let (first, second) = pair(&provider);
    let (of_alice, of_bob, of_carol) =
        (key_of(&first, "alice", None).await, key_of(&first, "bob", None).await, key_of(&first, "carol", None).await);
    let subject = json!({ "kind": "subject", "issuer": "https://idp.example", "subject": "s1" });
    let presented = [
        Presented::External(provider.token("idp", "s1", json!({}))),
        Presented::ApiKey(of_alice.1),
        Presented::ApiKey(of_bob.1),
        Presented::ApiKey(of_carol.1.clone()),
    ];
    let asked = async || {
        let (key, disabled) = (format!("/v1/api-keys/{}", of_alice.0), json!({ "enabled": false }));
        let held = [("token", of_carol.1.as_str())];
        let (revoked, deleted, changed, held) = tokio::join!(
            revoke(&first, &subject),
            first.request(Method::DELETE, &key, BOOTSTRAP).send(),
            first.request(Method::PATCH, "/v1/users/bob", BOOTSTRAP).json(&disabled).send(),
            oauth(&first, "revoke", &held),
        );
        [revoked, deleted.unwrap().status(), changed.unwrap().status(), held.0]
    };
    let url = format!("sqlite://{}", first.path("remint.db").display());
    let mut store = SqliteConnection::connect(&url).await.unwrap();
    let state = "SELECT (SELECT count(*) FROM audit), (SELECT count(*) FROM api_keys WHERE revoked_at IS NOT NULL),
                        (SELECT count(*) FROM users WHERE enabled = 0), (SELECT head FROM revocation_log)";
    let before: (i64, i64, i64, i64) = sqlx::query_as(state).fetch_one(&mut store).await.unwrap();

    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut store).await.unwrap();
    assert_eq!(asked().await, [StatusCode::SERVICE_UNAVAILABLE; 4]);
    let during: (i64, i64, i64, i64) = sqlx::query_as(state).fetch_one(&mut store).await.unwrap();
    assert_eq!(before, during);
    sqlx::raw_sql("ROLLBACK").execute(&mut store).await.unwrap();
    for presented in &presented {
        assert!(presented.is_accepted(&first).await && presented.is_accepted(&second).await, "{presented:?}");
    }

    let [revoked, deleted, changed, held] = asked().await;
    assert_eq!((revoked, deleted), (StatusCode::ACCEPTED, StatusCode::NO_CONTENT));
    assert_eq!((changed, held), (StatusCode::OK, StatusCode::OK));
    for presented in &presented {
        assert!(!presented.is_accepted(&first).await, "{presented:?}");
        presented.is_refused_within(&second, PATIENCE).await;
    }
}
