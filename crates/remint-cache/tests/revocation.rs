//! The revocation table about the credential itself, and the log behind it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use remint_cache::{MemoryLog, MemorySharedTier, RevocationTable, Revocations};
use remint_core::{
    Actor, Authentication, ClientId, CredentialRef, Effect, Environment, Identity, IssuerId, KeyId, LoggedRevocation,
    Position, Revocation, RevocationLog, Revoker, SessionId, Stamp, Subject, Target, TenantId, Timestamp, TokenId,
    Unavailable,
};
use remint_testkit::ManualClock;

const SKEW: Duration = Duration::from_secs(30);

fn issuer() -> IssuerId {
    IssuerId::new("https://idp.example").unwrap()
}

fn jwt(issued_at: u64) -> Authentication {
    let subject = Subject::new("alice").unwrap();
    let credential =
        CredentialRef::Jwt { issuer: issuer(), subject, id: Some(TokenId::new("t1").unwrap()), digest: None };
    let mut identity = Identity::new(
        Subject::new("acme|alice").unwrap(),
        Environment::Live,
        ClientId::new("web").unwrap(),
        credential,
    );
    identity.tenant = Some(TenantId::new("t-1").unwrap());
    identity.session = Some(SessionId::new("s1").unwrap());
    let also_named = vec![Target::SigningInput([7; 32])];
    Authentication { also_named, ..Authentication::new(identity, Timestamp::from_secs(issued_at), Timestamp::MAX) }
}

fn api_key() -> Authentication {
    let id = KeyId::new("k1").unwrap();
    let credential = CredentialRef::ApiKey { id: id.clone() };
    let mut identity = Identity::new(Subject::new("u1").unwrap(), Environment::Live, id.into(), credential);
    identity.tenant = Some(TenantId::new("t-1").unwrap());
    Authentication::new(identity, Timestamp::from_secs(1), Timestamp::MAX)
}

fn table_with(target: Target, effect: Effect) -> RevocationTable {
    let table = RevocationTable::new();
    table.apply(&Revocation { target, effect, at: Timestamp::from_secs(1000) });
    table
}

#[test]
fn a_listed_token_session_or_key_is_refused_for_good() {
    let subject = Subject::new("alice").unwrap();
    let listed = [
        Target::Token { issuer: issuer(), id: TokenId::new("t1").unwrap() },
        Target::SigningInput([7; 32]),
        Target::Session { issuer: issuer(), session: SessionId::new("s1").unwrap() },
    ];
    for target in listed {
        assert!(table_with(target.clone(), Effect::Ended).refuses(&jwt(5000), SKEW), "{target:?}");
        assert!(!table_with(target.clone(), Effect::Changed).refuses(&jwt(5000), SKEW), "{target:?}");
    }
    assert!(table_with(Target::Key(KeyId::new("k1").unwrap()), Effect::Ended).refuses(&api_key(), SKEW));
    assert!(!table_with(Target::Key(KeyId::new("k2").unwrap()), Effect::Ended).refuses(&api_key(), SKEW));
    let other = Target::Subject { issuer: IssuerId::new("https://other.example").unwrap(), subject };
    assert!(!table_with(other, Effect::Ended).refuses(&jwt(0), SKEW));
}

#[test]
fn of_a_subject_tenant_or_issuer_only_what_was_issued_before_is_refused() {
    let targets = [
        Target::Subject { issuer: issuer(), subject: Subject::new("alice").unwrap() },
        Target::Tenant(TenantId::new("t-1").unwrap()),
        Target::Issuer(issuer()),
        Target::Everything,
    ];
    for target in targets {
        let table = table_with(target.clone(), Effect::Ended);
        assert!(table.refuses(&jwt(1000), SKEW), "{target:?}");
        assert!(table.refuses(&jwt(1030), SKEW), "{target:?}: skew");
        assert!(!table.refuses(&jwt(1031), SKEW), "{target:?}");
        let mut stale_login = jwt(1031);
        stale_login.identity.auth_time = Some(Timestamp::from_secs(900));
        assert!(table.refuses(&stale_login, SKEW), "{target:?}: a new token of an old login");
        assert!(!table.refuses(&api_key(), SKEW), "{target:?}: our own store has answered for keys");
    }
}

#[test]
fn of_a_client_what_was_issued_before_is_refused_whoever_the_subject_is() {
    let client = ClientId::new("svc").unwrap();
    let table = table_with(Target::Client(client.clone()), Effect::Ended);
    let acting = |mut found: Authentication| {
        let credential = Some(CredentialRef::Client { id: client.clone() });
        found.identity.actor = Some(Actor { credential, ..Actor::new(Subject::new("client|svc").unwrap(), None) });
        found
    };
    let key = |issued_at| Authentication { issued_at: Timestamp::from_secs(issued_at), ..api_key() };
    for found in [jwt, key] {
        assert!(table.refuses(&acting(found(1030)), SKEW));
        assert!(!table.refuses(&acting(found(1031)), SKEW));
        assert!(!table.refuses(&found(1000), SKEW));
        assert!(table.ended(&acting(found(0)).targets(), Timestamp::from_secs(1030), SKEW));
        assert!(!table.ended(&acting(found(0)).targets(), Timestamp::from_secs(1031), SKEW));
    }
    assert_eq!(table.ended_at(&Target::Client(client)), Some(Timestamp::from_secs(1000)));
    assert_eq!(table.ended_at(&Target::Everything), None);
}

#[test]
fn rows_are_forgotten_only_after_the_retention() {
    let table = RevocationTable::with_retention(Duration::from_secs(100));
    let row = |id: u32, at| Revocation {
        target: Target::Key(KeyId::new(format!("k{id}")).unwrap()),
        effect: Effect::Ended,
        at: Timestamp::from_secs(at),
    };
    table.apply(&row(1, 1000));
    (2..4000).for_each(|id| table.apply(&row(id, 1050)));
    assert!(table.refuses(&api_key(), SKEW));
    (4000..20_000).for_each(|id| table.apply(&row(id, 1200)));
    assert!(!table.refuses(&api_key(), SKEW));
}

#[test]
fn rows_are_kept_for_longer_once_an_issuer_is_trusted_whose_tokens_live_longer() {
    let table = RevocationTable::with_retention(Duration::from_secs(100));
    table.retain_at_least(Duration::from_secs(1000));
    table.retain_at_least(Duration::from_secs(10));
    let row = |id: u32, at| Revocation {
        target: Target::Key(KeyId::new(format!("k{id}")).unwrap()),
        effect: Effect::Ended,
        at: Timestamp::from_secs(at),
    };
    table.apply(&row(1, 1000));
    (2..20_000).for_each(|id| table.apply(&row(id, 2000)));
    assert!(table.refuses(&api_key(), SKEW));
}

async fn revocations(log: Arc<MemoryLog>) -> (Revocations, Arc<RevocationTable>) {
    let table = RevocationTable::shared();
    let clock = Arc::new(ManualClock::default());
    (Revocations::follow(log, table.clone(), clock).await.unwrap(), table)
}

#[tokio::test]
async fn when_revoke_has_returned_the_table_knows() {
    let (revocations, table) = revocations(Arc::new(MemoryLog::new(100).unwrap())).await;
    let target = Target::Key(KeyId::new("k1").unwrap());
    assert!(!table.refuses(&api_key(), SKEW));
    let row = Revocation { target, effect: Effect::Ended, at: Timestamp::from_secs(1) };
    let stamp = revocations.revoke(row).await.unwrap();
    assert_eq!(stamp.position.0, 1);
    assert!(table.refuses(&api_key(), SKEW));
}

#[tokio::test]
async fn a_node_that_missed_rows_forgets_its_entries() {
    let log = Arc::new(MemoryLog::new(2).unwrap());
    let (node, table) = revocations(log.clone()).await;
    let stamp = table.stamp();
    let row = Revocation { target: Target::Everything, effect: Effect::Changed, at: Timestamp::from_secs(1) };
    for _ in 0..5 {
        log.append(&row).await.unwrap();
    }
    let read = node.catch_up().await.unwrap();
    assert_eq!(read.position.0, 5);
    assert!(table.stamp() > stamp);
}

/// A log that others fill so fast that a row is gone before it is read.
#[derive(Debug)]
struct Busy(MemoryLog);

#[async_trait::async_trait]
impl RevocationLog for Busy {
    async fn head(&self) -> Result<Stamp, Unavailable> {
        self.0.head().await
    }

    async fn append(&self, revocation: &Revocation) -> Result<Position, Unavailable> {
        let position = self.0.append(revocation).await?;
        let other = Revocation { target: Target::Everything, effect: Effect::Changed, at: revocation.at };
        for _ in 0..5 {
            self.0.append(&other).await?;
        }
        Ok(position)
    }

    async fn read_after(&self, stamp: &Stamp, limit: usize) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        self.0.read_after(stamp, limit).await
    }
}

#[tokio::test]
async fn what_this_node_revoked_it_knows_even_if_the_log_dropped_the_row_before_it_was_read() {
    let table = RevocationTable::shared();
    let log = Arc::new(Busy(MemoryLog::new(3).unwrap()));
    let node = Revocations::follow(log, table.clone(), Arc::new(ManualClock::default())).await.unwrap();
    let target = Target::SigningInput([7; 32]);
    node.revoke(Revocation { target, effect: Effect::Ended, at: Timestamp::from_secs(1) }).await.unwrap();
    assert!(table.refuses(&jwt(5000), SKEW), "a revoked token would verify again");
}

remint_conformance::revocation_log_suite!(|| MemoryLog::new(1000).unwrap());
remint_conformance::shared_tier_suite!(|clock| MemorySharedTier::new(Arc::new(clock)));
