use std::sync::Arc;

use remint_core::{
    ClientId, Clock as _, IssuerId, KeyId, ManualSteadyClock, Revocation, RevocationWriter as _, Revoker as _,
    SessionId, Subject, Target, TenantId, TokenDigest, TokenId, UserId,
};
use remint_revocation::MemoryLog;
use serde_json::{Value, json};

use super::support::{ISSUER, Mint, reason};
use super::transactions::{token_with, within};
use crate::{RevocationTable, Revocations, Verifier};

const IDP: &str = "https://idp.example";

/// A token of whom everything can be said that ends one: by a token without `jti`, for a worker with a key,
/// for whom a client acted, and before them somebody with a session.
fn named(mint: &Mint) -> Value {
    json!({
        "iat": mint.now(), "tenant": "acme", "sid": "s-1",
        "cred": { "kind": "jwt", "iss": IDP, "sub": "a-1", "dig": TokenDigest([1; 32]) },
        "act": {
            "sub": "client|svc", "cred": { "kind": "client", "id": "svc" },
            "act": {
                "sub": "worker", "cred": { "kind": "api_key", "id": "key_1" }, "tenant": "ops",
                "act": {
                    "sub": "h-1", "iss": IDP, "sid": "s-2",
                    "cred": { "kind": "jwt", "iss": IDP, "sub": "h-1", "jti": "ext-1" },
                },
            },
        },
    })
}

fn targets() -> Vec<Target> {
    let issuer = || IssuerId::new(IDP).unwrap();
    let session = |id: &str| Target::Session { issuer: issuer(), session: SessionId::new(id).unwrap() };
    let subject = |id: &str| Target::Subject { issuer: issuer(), subject: Subject::new(id).unwrap() };
    let [alice, worker] = ["alice", "worker"].map(|id| Target::User(UserId::new(id).unwrap()));
    let [acme, ops] = ["acme", "ops"].map(|id| Target::Tenant(TenantId::new(id).unwrap()));
    vec![
        alice,
        acme,
        session("s-1"),
        subject("a-1"),
        Target::SigningInput([1; 32]),
        Target::Issuer(issuer()),
        Target::Client(ClientId::new("svc").unwrap()),
        worker,
        ops,
        Target::Key(KeyId::new("key_1").unwrap()),
        session("s-2"),
        subject("h-1"),
        Target::Token { issuer: issuer(), id: TokenId::new("ext-1").unwrap() },
        Target::Everything,
    ]
}

async fn told(mint: &Mint) -> (Verifier, Arc<RevocationTable>) {
    let revocations = Revocations::in_memory(Arc::new(mint.clock.clone())).unwrap();
    let table = Arc::clone(revocations.table());
    (mint.builder().revocations(revocations).build().await.unwrap(), table)
}

fn end(mint: &Mint, table: &RevocationTable, target: Target) {
    table.apply(&Revocation::ended(target, mint.clock.now()));
}

#[tokio::test]
async fn whatever_a_token_names_ends_it_here_warm_and_cold() {
    for target in targets() {
        let mint = Mint::new();
        let ((warm, table), (cold, other)) = (told(&mint).await, told(&mint).await);
        let token = mint.token_with(named(&mint));
        for _ in 0..2 {
            assert!(warm.verify(&token).await.is_ok());
        }
        end(&mint, &table, target.clone());
        end(&mint, &other, target.clone());
        for verifier in [&warm, &cold] {
            assert_eq!(reason(verifier, &token).await, "revoked", "{target:?}");
        }
    }
}

#[tokio::test]
async fn what_a_token_does_not_name_does_not_end_it() {
    let mint = Mint::new();
    let (verifier, table) = told(&mint).await;
    let token = mint.token();
    verifier.verify(&token).await.unwrap();
    for target in targets() {
        if !matches!(target, Target::Everything | Target::User(_)) {
            end(&mint, &table, target);
        }
    }
    verifier.verify(&token).await.unwrap();
    let id = TokenId::new("t-1").unwrap();
    end(&mint, &table, Target::Token { issuer: IssuerId::new(IDP).unwrap(), id: id.clone() });
    verifier.verify(&token).await.unwrap();
    end(&mint, &table, Target::Token { issuer: IssuerId::new(ISSUER).unwrap(), id });
    assert_eq!(reason(&verifier, &token).await, "revoked");
}

#[tokio::test]
async fn what_was_issued_after_a_client_was_revoked_passes() {
    let mint = Mint::new();
    let (verifier, table) = told(&mint).await;
    end(&mint, &table, Target::Client(ClientId::new("svc").unwrap()));
    mint.clock.advance(std::time::Duration::from_secs(31));
    verifier.verify(&mint.token_with(named(&mint))).await.unwrap();
}

#[tokio::test]
async fn what_a_transaction_token_names_ends_it_too() {
    for target in targets() {
        let mint = Mint::new();
        let (verifier, table) = told(&mint).await;
        let (verifier, token) = (within(&verifier), token_with(&mint, named(&mint)));
        verifier.verify(&token).await.unwrap();
        end(&mint, &table, target.clone());
        assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), "revoked", "{target:?}");
    }
}

#[tokio::test]
async fn a_chain_of_more_than_eight_actors_is_none_of_ours() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let chain = |links: usize| (1..links).fold(json!({ "sub": "a" }), |act, _| json!({ "sub": "a", "act": act }));
    verifier.verify(&mint.token_with(json!({ "act": chain(8) }))).await.unwrap();
    assert_eq!(reason(&verifier, &mint.token_with(json!({ "act": chain(9) }))).await, "claim");
}

#[tokio::test]
async fn a_token_whose_issuer_had_read_the_row_lives_and_one_whose_issuer_had_not_is_dead() {
    let mint = Mint::new();
    let log = Arc::new(MemoryLog::new(100).unwrap());
    let followed = Revocations::follow(log, mint.clock.clone()).await.unwrap();
    let verifier = mint.builder().revocations(followed.clone()).build().await.unwrap();
    let alice = Target::User(UserId::new("alice").unwrap());
    let read = followed.revoke(Revocation::ended(alice, mint.clock.now())).await.unwrap();
    let token = |log: &str, position| mint.token_with(json!({ "rev": { "log": log, "pos": position } }));
    assert_eq!(reason(&verifier, &token(read.log.as_str(), 0)).await, "revoked");
    verifier.verify(&token(read.log.as_str(), 1)).await.unwrap();
    assert_eq!(reason(&verifier, &token("another", 1)).await, "revoked", "by its time");
    mint.clock.advance(std::time::Duration::from_secs(31));
    verifier.verify(&token("another", 1)).await.unwrap();
    for rev in [json!(7), json!({ "log": "", "pos": 1 }), json!({ "log": "l", "pos": -1 })] {
        assert_eq!(reason(&verifier, &mint.token_with(json!({ "rev": rev.clone() }))).await, "claim", "{rev}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_reads_the_log_before_it_answers_after_it_slept_and_answers_nobody_while_it_is_blind() {
    let (mint, steady) = (Mint::new(), ManualSteadyClock::default());
    let log = Arc::new(MemoryLog::new(100).unwrap());
    let followed = Revocations::follow_by(Arc::clone(&log) as _, mint.clock.clone(), steady.clone()).await.unwrap();
    let verifier = mint.builder().revocations(followed.clone()).build().await.unwrap();
    let transactions = within(&verifier);
    let (seen, unseen) = (mint.token_with(json!({ "jti": "t-1" })), mint.token_with(json!({ "jti": "t-2" })));
    let transaction = token_with(&mint, json!({}));
    verifier.verify(&seen).await.unwrap();
    for _ in 0..2 {
        steady.advance(std::time::Duration::from_secs(1));
        verifier.verify(&seen).await.unwrap();
        steady.advance(std::time::Duration::from_secs(1));
        transactions.verify(&transaction).await.unwrap();
    }
    let followed = followed.with_max_staleness(std::time::Duration::ZERO);
    for token in [&seen, &unseen] {
        assert_eq!(reason(&verifier, token).await, "revocation_log");
    }
    assert_eq!(transactions.verify(&transaction).await.unwrap_err().reason(), "revocation_log");
    let _followed = followed.with_max_staleness(std::time::Duration::from_secs(30));
    steady.advance(std::time::Duration::from_secs(1));
    log.append(&[Revocation::ended(Target::Everything, mint.clock.now())]).await.unwrap();
    for token in [&seen, &unseen] {
        assert_eq!(reason(&verifier, token).await, "revoked");
    }
    steady.advance(std::time::Duration::from_secs(1));
    assert_eq!(transactions.verify(&transaction).await.unwrap_err().reason(), "revoked");
}
