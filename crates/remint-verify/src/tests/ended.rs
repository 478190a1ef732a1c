use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use remint_core::{Clock as _, Revocation, RevocationWriter as _, Target, UserId};
use remint_revocation::MemoryLog;
use serde_json::json;
use tokio::time::timeout;

use super::support::Mint;
use crate::{EndedBy, Revocations};

fn bearer(token: &str) -> HeaderMap {
    HeaderMap::from_iter([(http::header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap())])
}

fn alice(mint: &Mint) -> Revocation {
    Revocation::ended(Target::User(UserId::new("alice").unwrap()), mint.clock.now())
}

#[tokio::test(start_paused = true)]
async fn it_is_ready_as_soon_as_another_process_revokes_what_the_token_names() {
    let (mint, log) = (Mint::new(), Arc::new(MemoryLog::new(100).unwrap()));
    let followed = Revocations::follow_only(Arc::clone(&log) as _, mint.clock.clone()).await.unwrap();
    let verifier = mint.builder().revocations(followed).build().await.unwrap();
    let mut ended = verifier.ended(&bearer(&mint.token())).await.unwrap();
    log.append(&[Revocation::ended(Target::User(UserId::new("bob").unwrap()), mint.clock.now())]).await.unwrap();
    assert!(timeout(Duration::from_secs(59), &mut ended).await.is_err());
    log.append(&[alice(&mint)]).await.unwrap();
    assert_eq!(timeout(Duration::from_secs(1), ended).await.unwrap(), EndedBy::Revocation);
}

#[tokio::test(start_paused = true)]
async fn it_is_ready_when_the_token_expires_with_a_log_and_without() {
    let mint = Mint::new();
    let revocations = Revocations::in_memory(mint.clock.clone()).unwrap();
    for builder in [mint.builder(), mint.builder().revocations(revocations)] {
        let verifier = builder.build().await.unwrap();
        let mut ended = verifier.ended(&bearer(&mint.token())).await.unwrap();
        assert!(timeout(Duration::from_secs(3600), &mut ended).await.is_err(), "by the verifier's clock");
        mint.clock.advance(Duration::from_secs(300));
        assert_eq!(timeout(Duration::from_secs(60), ended).await.unwrap(), EndedBy::Time);
    }
}

#[tokio::test]
async fn what_does_not_count_already_or_is_no_token_is_refused() {
    let mint = Mint::new();
    let revocations = Revocations::in_memory(mint.clock.clone()).unwrap();
    let verifier = mint.builder().revocations(revocations.clone()).build().await.unwrap();
    revocations.table().apply(&alice(&mint));
    let forged = Mint::new().token();
    for (headers, reason) in [
        (bearer(&mint.token()), "revoked"),
        (bearer(&mint.token_with(json!({ "exp": mint.now() }))), "expired"),
        (bearer(&forged), "unknown_key_id"),
        (HeaderMap::new(), "no_credential"),
    ] {
        assert_eq!(verifier.ended(&headers).await.unwrap_err().reason(), reason);
    }
}
