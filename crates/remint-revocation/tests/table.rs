//! The revocation table about the credential itself.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use remint_core::{
    Actor, Authentication, ClientId, CredentialRef, Effect, Environment, Identity, IssuerId, KeyId, Revocation,
    SessionId, Subject, Target, TenantId, Timestamp, TokenId,
};
use remint_revocation::{RevocationTable, Revocations};
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
