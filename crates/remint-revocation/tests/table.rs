//! The revocation table about the credential itself.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use remint_core::{
    Actor, Authentication, ClientId, CredentialRef, Effect, Environment, Identity, IssuerId, KeyId, Position,
    Revocation, RevocationWriter as _, Revoker as _, SessionId, Stamp, Subject, Target, TenantId, Timestamp, TokenId,
    UserId,
};
use remint_revocation::{Issued, MemoryLog, RevocationTable, Revocations};
use remint_testkit::ManualClock;

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

fn table_with(target: Target, effect: Effect) -> Arc<RevocationTable> {
    let table = Arc::clone(Revocations::in_memory(ManualClock::default()).unwrap().table());
    table.apply(&Revocation::new(target, effect, Timestamp::from_secs(1000)));
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
        assert!(table_with(target.clone(), Effect::Ended).refuses(&jwt(5000)), "{target:?}");
        assert!(!table_with(target.clone(), Effect::Changed).refuses(&jwt(5000)), "{target:?}");
    }
    assert!(table_with(Target::Key(KeyId::new("k1").unwrap()), Effect::Ended).refuses(&api_key()));
    assert!(!table_with(Target::Key(KeyId::new("k2").unwrap()), Effect::Ended).refuses(&api_key()));
    let other = Target::Subject { issuer: IssuerId::new("https://other.example").unwrap(), subject };
    assert!(!table_with(other, Effect::Ended).refuses(&jwt(0)));
}

fn session(issued_at: u64) -> Authentication {
    let credential = CredentialRef::Other { kind: "session".parse().unwrap(), id: "s-1".parse().unwrap() };
    let client = ClientId::new("web").unwrap();
    let mut identity = Identity::new(Subject::new("u1").unwrap(), Environment::Live, client, credential);
    identity.tenant = Some(TenantId::new("t-1").unwrap());
    Authentication::new(identity, Timestamp::from_secs(issued_at), Timestamp::MAX)
}

#[test]
fn a_credential_of_another_kind_is_refused_for_good_once_it_is_listed() {
    let of = |kind: &str, id: &str| Target::Credential { kind: kind.parse().unwrap(), id: id.parse().unwrap() };
    assert!(table_with(of("session", "s-1"), Effect::Ended).refuses(&session(5000)));
    assert!(table_with(of("session", "s-1"), Effect::Ended).ended(&[of("session", "s-1")], Timestamp::MAX));
    assert!(!table_with(of("session", "s-1"), Effect::Changed).refuses(&session(0)));
    for other in [of("session", "s-2"), of("pat", "s-1"), Target::Key(KeyId::new("s-1").unwrap())] {
        assert!(!table_with(other.clone(), Effect::Ended).refuses(&session(0)), "{other:?}");
    }
}

/// Nobody asked our store about them.
#[test]
fn of_a_user_or_tenant_that_ended_sessions_from_before_are_refused_and_keys_are_not() {
    let user = Target::User("u1".parse().unwrap());
    for target in [user, Target::Tenant(TenantId::new("t-1").unwrap()), Target::Everything] {
        let table = table_with(target.clone(), Effect::Ended);
        assert!(table.refuses(&session(1000)) && table.refuses(&session(1030)), "{target:?}");
        assert!(!table.refuses(&session(1031)) && !table.refuses(&api_key()), "{target:?}");
    }
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
        assert!(table.refuses(&jwt(1000)), "{target:?}");
        assert!(table.refuses(&jwt(1030)), "{target:?}: skew");
        assert!(!table.refuses(&jwt(1031)), "{target:?}");
        let mut stale_login = jwt(1031);
        stale_login.identity.auth_time = Some(Timestamp::from_secs(900));
        assert!(table.refuses(&stale_login), "{target:?}: a new token of an old login");
        assert!(!table.refuses(&api_key()), "{target:?}: our own store has answered for keys");
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
        assert!(table.refuses(&acting(found(1030))));
        assert!(!table.refuses(&acting(found(1031))));
        assert!(!table.refuses(&found(1000)));
        assert!(table.ended(&acting(found(0)).targets(), Timestamp::from_secs(1030)));
        assert!(!table.ended(&acting(found(0)).targets(), Timestamp::from_secs(1031)));
    }
    assert_eq!(table.ended_until(&Target::Client(client)), Some(Timestamp::from_secs(1030)));
    assert_eq!(table.ended_until(&Target::Everything), None);
}

/// A table that has read two rows about this target: it was ended at 1000 s, then it changed.
async fn read(target: &Target) -> (Arc<MemoryLog>, Revocations, Stamp) {
    let log = Arc::new(MemoryLog::new(100).unwrap());
    let node = Revocations::follow(Arc::clone(&log) as _, ManualClock::default()).await.unwrap();
    assert_eq!(node.table().read_up_to().unwrap().position, Position(0));
    let at = Timestamp::from_secs(1000);
    log.append(&[Revocation::ended(target.clone(), at), Revocation::changed(target.clone(), at)]).await.unwrap();
    let read = node.catch_up().await.unwrap();
    assert_eq!(node.table().read_up_to(), Some(read.clone()));
    (log, node, read)
}

fn user() -> Target {
    Target::User(UserId::new("u1").unwrap())
}

#[tokio::test]
async fn a_token_of_an_issuer_that_had_read_the_row_lives_whatever_its_time_and_any_other_is_dead() {
    let (_log, node, read) = read(&user()).await;
    for (position, is_dead) in [(0, true), (1, false), (2, false)] {
        let rev = Stamp { position: Position(position), ..read.clone() };
        for at in [0, 1000, 5000].map(Timestamp::from_secs) {
            let issued = Issued { at, rev: Some(&rev) };
            assert_eq!(node.table().ended(&[user()], issued), is_dead, "{position} {at:?}");
        }
        assert_eq!(node.table().is_after(&[user()], &rev), position < 2, "a change counts here: {position}");
        assert!(!node.table().is_after(&[Target::Everything], &rev));
    }
}

#[tokio::test]
async fn without_a_place_in_this_log_a_token_is_judged_by_its_time() {
    let (_log, node, read) = read(&user()).await;
    let other = Stamp { log: "another".parse().unwrap(), ..read };
    for rev in [None, Some(&other)] {
        for (at, is_dead) in [(1030, true), (1031, false)] {
            let issued = Issued { at: Timestamp::from_secs(at), rev };
            assert_eq!(node.table().ended(&[user()], issued), is_dead, "{rev:?} {at}");
        }
    }
    assert!(!node.table().is_after(&[user()], &other));
}

#[tokio::test]
async fn a_row_without_a_place_is_judged_by_its_time_until_it_has_one() {
    let (_log, node, read) = read(&user()).await;
    node.table().apply(&Revocation::ended(user(), Timestamp::from_secs(2000)));
    let ended = |at| node.table().ended(&[user()], Issued { at: Timestamp::from_secs(at), rev: Some(&read) });
    assert!(ended(2030) && !ended(2031));
    node.revoke(Revocation::ended(user(), Timestamp::from_secs(2000))).await.unwrap();
    assert!(ended(9000), "it stands after what the issuer had read");
}

#[tokio::test]
async fn another_log_takes_the_places_from_the_rows_before_it() {
    let (log, node, before) = read(&user()).await;
    log.rewrite_history();
    let after = node.catch_up().await.unwrap();
    assert_eq!(node.table().read_up_to(), Some(after.clone()));
    let ended = |rev, at| node.table().ended(&[user()], Issued { at: Timestamp::from_secs(at), rev: Some(rev) });
    assert!(ended(&before, 1030) && !ended(&before, 1031), "its place means nothing any more");
    let begun = Stamp { position: Position(0), ..after.clone() };
    assert!(ended(&begun, 9000), "the new log has the row too");
    assert!(!ended(&after, 0));
    // A row that the new log has lost.
    let lost = Target::Tenant(TenantId::new("t").unwrap());
    node.table().apply(&Revocation::ended(lost.clone(), Timestamp::from_secs(1000)));
    log.rewrite_history();
    let newest = node.catch_up().await.unwrap();
    for (at, is_dead) in [(1030, true), (1031, false)] {
        let issued = Issued { at: Timestamp::from_secs(at), rev: Some(&newest) };
        assert_eq!(node.table().ended(std::slice::from_ref(&lost), issued), is_dead);
    }
}

#[test]
fn a_log_of_the_process_alone_is_named_in_no_token() {
    assert_eq!(Revocations::in_memory(ManualClock::default()).unwrap().table().read_up_to(), None);
}

#[test]
fn a_row_that_a_source_has_timed_reaches_to_its_time_and_no_further() {
    let subject = Target::Subject { issuer: issuer(), subject: Subject::new("alice").unwrap() };
    let table = Arc::clone(Revocations::in_memory(ManualClock::default()).unwrap().table());
    table.apply(&Revocation::ended(subject.clone(), Timestamp::from_secs(1000)).timed_by_source());
    assert!(table.refuses(&jwt(1000)));
    assert!(!table.refuses(&jwt(1001)), "a login right after the logout");
    assert_eq!(table.ended_until(&subject), Some(Timestamp::from_secs(1000)));
    assert!(table.ended(std::slice::from_ref(&subject), Timestamp::from_secs(1000)));
    assert!(!table.ended(&[subject], Timestamp::from_secs(1001)));
}

#[test]
fn a_row_is_small() {
    let table = Arc::clone(Revocations::in_memory(ManualClock::default()).unwrap().table());
    for number in 0..100_000_u32 {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        table.apply(&Revocation::ended(Target::SigningInput(digest), Timestamp::from_secs(1)));
    }
    assert_eq!(table.rows(), 100_000);
    assert!((57 * 100_000..131 * 100_000).contains(&table.bytes()), "{}", table.bytes());
}
