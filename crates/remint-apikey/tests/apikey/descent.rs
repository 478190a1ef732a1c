#![expect(clippy::unwrap_used, reason = "a test may panic")]

use remint_apikey::{ApiKey, ApiKeys, Leak, NewKey, NewUser, RotateKey};
use remint_conformance::key_store::Plain as _;
use remint_core::{
    ApiKeyRecord, ApiKeyStore as _, AuditAction, AuditActor, AuditLog as _, CredentialRef, DeniedKind, Effect,
    Environment, KeyId, MadeBy, Page, Subject, Target,
};

use crate::support::{Bench, alice};

/// A handle of whoever comes with this key.
fn with(bench: &Bench, key: &KeyId) -> ApiKeys {
    let credential = CredentialRef::ApiKey { id: key.clone() };
    let subject = Subject::from(alice());
    bench.keys.acting_as(AuditActor::Caller { subject, credential, actor: None })
}

async fn child(bench: &Bench, maker: &KeyId) -> (ApiKey, ApiKeyRecord) {
    with(bench, maker).create(NewKey::new(alice(), Environment::Live)).await.unwrap()
}

fn ended(bench: &Bench) -> Vec<KeyId> {
    let rows = bench.revoker.take().into_iter();
    rows.filter(|row| row.effect == Effect::Ended)
        .filter_map(|row| match row.target {
            Target::Key(id) => Some(id),
            _ => None,
        })
        .collect()
}

/// A leaked key, its child, its grandchild, its successor by its own rotation and that one's child.
struct Family {
    bench: Bench,
    leaked: (ApiKey, ApiKeyRecord),
    descendants: Vec<(ApiKey, ApiKeyRecord)>,
    /// Of whoever rotated without the key, and of who is not of this family.
    others: Vec<(ApiKey, ApiKeyRecord)>,
}

impl Family {
    async fn new() -> Self {
        let (bench, key, record) = Bench::with_a_key().await;
        let first = child(&bench, &record.id).await;
        let second = child(&bench, &first.1.id).await;
        let rotated = with(&bench, &record.id).rotate(RotateKey::new(record.id.clone())).await.unwrap();
        let successor = (rotated.key, rotated.new);
        let third = child(&bench, &successor.1.id).await;
        let sibling = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
        let owners = bench.keys.rotate(RotateKey::new(second.1.id.clone())).await.unwrap();
        let _ = bench.revoker.take();
        let descendants = vec![first, second, successor, third];
        let others = vec![sibling, (owners.key, owners.new)];
        Self { bench, leaked: (key, record), descendants, others }
    }

    async fn assert_ended(&self) {
        for (key, _) in self.descendants.iter().chain([&self.leaked]) {
            assert_eq!(self.bench.denied(key.expose_secret()).await, DeniedKind::Revoked);
        }
        for (key, _) in &self.others {
            self.bench.accepted(key).await;
        }
        let told = ended(&self.bench);
        for (_, key) in self.descendants.iter().chain([&self.leaked]) {
            assert!(told.contains(&key.id), "a row of the log for {}", key.id);
        }
        assert_eq!(told.len(), 5);
    }
}

#[tokio::test]
async fn a_leak_report_ends_what_the_leaked_key_made_and_its_own_successor_and_nothing_else() {
    let family = Family::new().await;
    let (bench, (key, leaked)) = (&family.bench, &family.leaked);
    bench.keys.report_leak(key.expose_secret(), &Leak::default()).await.unwrap().unwrap();
    family.assert_ended().await;
    let events = bench.store.events(Page::all()).await.unwrap();
    let of = |action| events.iter().filter(move |(_, event)| event.action == action);
    assert_eq!(of(AuditAction::KeyLeaked).count(), 1);
    let ends: Vec<_> = of(AuditAction::KeyRevoked).collect();
    assert_eq!(ends.len(), 4);
    assert!(ends.iter().all(|(_, event)| event.detail["descends_from"] == leaked.id.as_str()));
}

#[tokio::test]
async fn a_key_is_revoked_with_its_descendants_or_alone() {
    let family = Family::new().await;
    family.bench.keys.revoke(&family.leaked.1.id).await.unwrap();
    for (key, _) in &family.descendants {
        family.bench.accepted(key).await;
    }
    let _ = ended(&family.bench);
    // The key itself has ended already: what it made ends all the same.
    let outcome = family.bench.keys.revoke_with_descendants(&family.leaked.1.id).await.unwrap();
    assert_eq!((outcome.key.unwrap().id, outcome.descendants), (family.leaked.1.id.clone(), 4));
    family.assert_ended().await;
}

#[tokio::test]
async fn a_leak_report_of_a_key_that_had_ended_ends_what_it_made() {
    let family = Family::new().await;
    family.bench.keys.revoke(&family.leaked.1.id).await.unwrap();
    let _ = ended(&family.bench);
    family.bench.keys.report_leak(family.leaked.0.expose_secret(), &Leak::default()).await.unwrap().unwrap();
    family.assert_ended().await;
}

#[tokio::test]
async fn rows_that_the_log_did_not_take_are_written_when_it_is_asked_again() {
    let family = Family::new().await;
    family.bench.revoker.set_out(true);
    family.bench.keys.revoke_with_descendants(&family.leaked.1.id).await.unwrap_err();
    family.bench.revoker.set_out(false);
    family.bench.keys.revoke_with_descendants(&family.leaked.1.id).await.unwrap();
    family.assert_ended().await;
}

#[tokio::test]
async fn a_key_made_by_a_key_of_a_user_who_is_gone_ends_with_the_first_of_the_line() {
    let (bench, key, record) = Bench::with_a_key().await;
    let bob = "bob".parse().unwrap();
    let new = NewUser::new("bob".parse().unwrap()).issuing([Environment::Live]);
    let bobs = with(&bench, &record.id).sign_up(new).await.unwrap().keys.remove(0).1;
    assert_eq!(bobs.made_by, MadeBy::Credential(CredentialRef::ApiKey { id: record.id.clone() }));
    let (hidden, _) = child(&bench, &bobs.id).await;
    bench.store.remove_user(&bob).await.unwrap();
    bench.keys.report_leak(key.expose_secret(), &Leak::default()).await.unwrap().unwrap();
    assert_eq!(bench.denied(hidden.expose_secret()).await, DeniedKind::Revoked);
}

#[tokio::test]
async fn a_long_line_and_a_wide_one_end_to_the_last_key() {
    let (bench, _, record) = Bench::with_a_key().await;
    let mut last = record.id.clone();
    for _ in 0..1_100 {
        last = with(&bench, &last).rotate(RotateKey::new(last.clone())).await.unwrap().new.id;
    }
    for _ in 0..5_100 {
        child(&bench, &record.id).await;
    }
    let outcome = bench.keys.revoke_with_descendants(&record.id).await.unwrap();
    assert_eq!(outcome.descendants, 6_200);
    let keys = bench.store.keys(&alice()).await.unwrap();
    assert!(keys.iter().all(|key| key.revoked_at.is_some()), "one is left");
    assert_eq!(bench.store.descent(&[last], Page::all()).await.unwrap(), []);
}

#[tokio::test]
async fn a_key_tells_what_made_it() {
    let (bench, _, record) = Bench::with_a_key().await;
    assert_eq!(record.made_by, MadeBy::System);
    let signed_up =
        bench.keys.sign_up(NewUser::new("bob".parse().unwrap()).issuing([Environment::Test])).await.unwrap();
    assert_eq!(signed_up.keys[0].1.made_by, MadeBy::SignUp);
    for (actor, made_by) in
        [(AuditActor::Bootstrap, MadeBy::Bootstrap), (AuditActor::Operator { account: None }, MadeBy::Operator)]
    {
        let (_, made) = bench.keys.acting_as(actor).create(NewKey::new(alice(), Environment::Live)).await.unwrap();
        assert_eq!(made.made_by, made_by);
        assert_eq!(bench.store.key(&made.id).await.unwrap().unwrap().made_by, made_by);
    }
}

#[tokio::test]
async fn a_key_inherits_no_right_to_make_keys_and_has_it_by_itself_alone() {
    let bench = Bench::new();
    let user = NewUser::new(alice()).with_scopes("read remint:keys".parse().unwrap());
    bench.keys.create_user(user).await.unwrap();
    for (own, effective) in [
        (None, "read"),
        (Some("read"), "read"),
        (Some("read write remint:keys"), "read remint:keys"),
        (Some("remint:keys"), "remint:keys"),
        (Some(""), ""),
    ] {
        let mut new = NewKey::new(alice(), Environment::Live);
        if let Some(own) = own {
            new = new.with_scopes(own.parse().unwrap());
        }
        let (key, _) = bench.keys.create(new).await.unwrap();
        assert_eq!(bench.accepted(&key).await.identity.scopes, effective.parse().unwrap(), "{own:?}");
    }
}

#[tokio::test]
async fn a_key_that_was_made_while_its_maker_was_about_to_end_ends_too() {
    let (bench, _, record) = Bench::with_a_key().await;
    let (key, made) = child(&bench, &record.id).await;
    let meanwhile = remint_conformance::key_store::key("alice", 1);
    let meanwhile = ApiKeyRecord {
        created_at: made.created_at,
        made_by: MadeBy::Credential(CredentialRef::ApiKey { id: made.id.clone() }),
        ..meanwhile
    };
    bench.store.insert_before_the_next_end(meanwhile.clone());
    let _ = bench.revoker.take();
    bench.keys.revoke_with_descendants(&record.id).await.unwrap();
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Revoked);
    assert!(bench.store.key(&meanwhile.id).await.unwrap().unwrap().revoked_at.is_some());
    assert!(ended(&bench).contains(&meanwhile.id));
}
