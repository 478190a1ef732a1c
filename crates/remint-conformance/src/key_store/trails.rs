//! Cases of [`AuditLog`](remint_core::AuditLog), and of the events that go with changes.

use remint_core::{
    Actor, AuditAction, AuditActor, AuditEvent, Commit, CredentialRef, Effect, KeyEnd, Page, Revocation, SessionId,
    Subject, Target, TenantChange, Timestamp, TokenDigest, TokenId, UserChange,
};
use serde_json::{Map, json};

use super::{Plain as _, Store, event, key, link, rotation, sign_up, tenant_id, trail, user, user_id};

fn actors() -> Vec<AuditActor> {
    let subject = |text: &str| Subject::new(text).expect("a subject");
    let jwt = CredentialRef::Jwt {
        issuer: link("a").issuer,
        subject: subject("a"),
        id: Some(TokenId::new("t1").expect("a token id")),
        digest: None,
    };
    let unnamed = CredentialRef::jwt(link("b").issuer, subject("b"), None, TokenDigest([7; 32]));
    let before = Actor {
        credential: Some(unnamed),
        session: Some(SessionId::new("s1").expect("a session")),
        ..Actor::new(subject("b"), Some(link("b").issuer))
    };
    let actor = Actor {
        credential: Some(CredentialRef::ApiKey { id: key("alice", 2).id }),
        tenant: Some(tenant_id("acme")),
        actor: Some(Box::new(before)),
        ..Actor::new(subject("c"), None)
    };
    vec![
        AuditActor::Caller { subject: subject("idp|a"), credential: jwt, actor: Some(Box::new(actor)) },
        AuditActor::Caller {
            subject: subject("alice"),
            credential: CredentialRef::ApiKey { id: key("alice", 1).id },
            actor: None,
        },
        AuditActor::Bootstrap,
        AuditActor::Operator { account: Some("'; DROP TABLE audit; --".into()) },
        AuditActor::Operator { account: None },
        AuditActor::Scanner { key_identifier: "4fe6b016".into() },
        AuditActor::System,
    ]
}

const ACTIONS: [AuditAction; 14] = [
    AuditAction::UserCreated,
    AuditAction::UserChanged,
    AuditAction::UserDisabled,
    AuditAction::UserEnabled,
    AuditAction::UserDeleted,
    AuditAction::TenantChanged,
    AuditAction::TenantDisabled,
    AuditAction::TenantEnabled,
    AuditAction::KeyIssued,
    AuditAction::KeyRotated,
    AuditAction::KeyRevoked,
    AuditAction::KeyImported,
    AuditAction::KeyLeaked,
    AuditAction::TargetRevoked,
];

/// Every action, every kind of actor, with and without the rest.
pub async fn events_come_back_whole(store: impl Store) {
    let detail = json!({
        "url": "https://example/?a='b'&c=%00", "\u{e9}\"\\": [1, -2.5, null, true, {"a": {}}],
        "big": u64::MAX, "": "",
    });
    let detail: Map<_, _> = detail.as_object().cloned().unwrap_or_default();
    let bare = |action| AuditEvent {
        at: Timestamp::from_millis(1_760_000_000_789),
        action,
        actor: AuditActor::System,
        user: None,
        tenant: None,
        key: None,
        detail: Map::new(),
    };
    let mut events: Vec<_> = ACTIONS.into_iter().map(bare).collect();
    events.extend(actors().into_iter().map(|actor| AuditEvent { actor, ..event(1) }));
    events.push(AuditEvent {
        user: Some(user_id("o'%_\u{e9}")),
        tenant: Some(tenant_id("a|b\u{301}")),
        detail,
        ..event(2)
    });
    for part in events.chunks(4) {
        store.append(part).await.expect("the store answers");
    }
    store.append(&[]).await.expect("the store answers");
    assert_eq!(trail(&store).await, events);
}

/// In the order in which they were written, whatever moment they tell of.
pub async fn numbers_of_events_grow(store: impl Store) {
    assert_eq!(store.events(Page::all()).await.expect("the store answers"), []);
    for number in [5, 3, 4] {
        store.append(&[event(number), event(number)]).await.expect("the store answers");
    }
    let events = store.events(Page::all()).await.expect("the store answers");
    assert!(events.windows(2).all(|pair| pair[0].0 < pair[1].0), "{events:?}");
    let written: Vec<_> = events.into_iter().map(|(_, event)| event).collect();
    assert_eq!(written, [5, 5, 3, 3, 4, 4].map(event));
}

/// Without a gap, and each once; an event that comes later comes after the last page.
pub async fn a_trail_is_read_page_by_page(store: impl Store) {
    let written: Vec<_> = (0..7).map(event).collect();
    store.append(&written).await.expect("the store answers");
    for limit in 1..=8 {
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = store.events(Page { after, limit }).await.expect("the store answers");
            assert!(page.len() <= limit, "{} of {limit}", page.len());
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            read.extend(page.into_iter().map(|(_, event)| event));
            assert!(read.len() <= written.len(), "pages of {limit} do not end");
        }
        assert_eq!(read, written, "pages of {limit}");
    }
    assert_eq!(store.events(Page::first(0)).await.expect("the store answers"), []);
    let last = store.events(Page::all()).await.expect("the store answers").last().map(|(number, _)| *number);
    store.append(&[event(9)]).await.expect("the store answers");
    let rest = store.events(Page { after: last, limit: 10 }).await.expect("the store answers");
    assert_eq!(rest.into_iter().map(|(_, event)| event).collect::<Vec<_>>(), [event(9)]);
    let beyond = Page { after: Some(u64::MAX), limit: 10 };
    assert_eq!(store.events(beyond).await.expect("the store answers"), []);
}

/// Each kind of change brings some; with them it is the change that it is without.
pub async fn rows_of_the_revocation_log_change_nothing_else(store: impl Store) {
    let at = Timestamp::from_secs(1);
    let rows = [Effect::Changed, Effect::Ended].map(|effect| Revocation::new(Target::Everything, effect, at));
    let commit = Commit::default().with_revocations(&rows);
    store.sign_up(&sign_up("alice", &[], &[]), commit).await.expect("a user");
    store.insert(&[key("alice", 1)], commit).await.expect("a key");
    store.rotate(&rotation("alice", 1, 2), commit).await.expect("a rotation");
    store.revoke(&key("alice", 1).id, at, commit).await.expect("the store answers").expect("the key");
    let end = KeyEnd { id: key("alice", 2).id, audit: Vec::new(), revocations: rows.to_vec() };
    assert_eq!(store.revoke_all(&[end], at).await.expect("the store answers"), [key("alice", 2).id]);
    let disabled = UserChange { enabled: Some(false), ..UserChange::default() };
    let alice = store.change_user(&user_id("alice"), &disabled, commit).await.expect("the store answers");
    assert!(!alice.expect("alice").enabled);
    let disabled = TenantChange { enabled: Some(false), plan: None };
    let tenant = store.change_tenant(&tenant_id("acme"), &disabled, commit).await.expect("the store answers");
    assert!(!tenant.expect("a tenant").enabled);
    store.delete_user(&user_id("alice"), commit).await.expect("the store answers").expect("alice");
    assert_eq!(trail(&store).await, []);
}

/// Each kind of change, in their order.
pub async fn each_change_writes_its_events(store: impl Store) {
    store.sign_up(&sign_up("alice", &[], &[]), Commit::audited(&[event(1), event(2)])).await.expect("a user");
    assert_eq!(trail(&store).await, [1, 2].map(event));
    store.insert(&[key("alice", 1)], Commit::audited(&[event(3)])).await.expect("a key");
    assert_eq!(trail(&store).await.len(), 3);
    store.rotate(&rotation("alice", 1, 2), Commit::audited(&[event(4)])).await.expect("a rotation");
    assert_eq!(trail(&store).await.len(), 4);
    store
        .revoke(&key("alice", 2).id, Timestamp::from_secs(1), Commit::audited(&[event(5)]))
        .await
        .expect("the store answers");
    assert_eq!(trail(&store).await.len(), 5);
    let change = UserChange { enabled: Some(false), ..UserChange::default() };
    store.change_user(&user_id("alice"), &change, Commit::audited(&[event(6)])).await.expect("the store answers");
    assert_eq!(trail(&store).await.len(), 6);
    let change = TenantChange { enabled: Some(false), plan: None };
    store.change_tenant(&tenant_id("acme"), &change, Commit::audited(&[event(7)])).await.expect("the store answers");
    assert_eq!(trail(&store).await.len(), 7);
    store.delete_user(&user_id("alice"), Commit::audited(&[event(8)])).await.expect("the store answers");
    assert_eq!(trail(&store).await, [1, 2, 3, 4, 5, 6, 7, 8].map(event));
}

/// Whatever stands in its way.
pub async fn a_change_that_fails_writes_no_event(store: impl Store) {
    store.sign_up(&sign_up("alice", &[link("a")], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    store.insert_user(&user("bob")).await.expect("a user");
    let audit = [event(1)];
    store.sign_up(&sign_up("alice", &[], &[]), Commit::audited(&audit)).await.expect_err("a conflict");
    store.sign_up(&sign_up("carol", &[link("a")], &[]), Commit::audited(&audit)).await.expect_err("a conflict");
    store.insert(&[key("nobody", 2)], Commit::audited(&audit)).await.expect_err("no such user");
    store.insert(&[key("alice", 2), key("alice", 1)], Commit::audited(&audit)).await.expect_err("a conflict");
    store.rotate(&rotation("alice", 9, 2), Commit::audited(&audit)).await.expect_err("no such key");
    store.rotate(&rotation("alice", 1, 1), Commit::audited(&audit)).await.expect_err("a conflict");
    let change = UserChange { external: Some(vec![link("a")]), ..UserChange::default() };
    store.change_user(&user_id("bob"), &change, Commit::audited(&audit)).await.expect_err("a conflict");
    assert_eq!(trail(&store).await, []);
}

/// Nothing was done, so there is nothing to tell.
pub async fn a_change_of_what_is_not_there_writes_no_event(store: impl Store) {
    let audit = [event(1)];
    let revoked = store.revoke(&key("alice", 1).id, Timestamp::from_secs(1), Commit::audited(&audit)).await;
    assert_eq!(revoked.expect("the store answers"), None);
    assert_eq!(store.delete_user(&user_id("alice"), Commit::audited(&audit)).await.expect("the store answers"), None);
    let changed = store.change_user(&user_id("alice"), &UserChange::default(), Commit::audited(&audit)).await;
    assert_eq!(changed.expect("the store answers"), None);
    let changed = store.change_tenant(&tenant_id("acme"), &TenantChange::default(), Commit::audited(&audit)).await;
    assert_eq!(changed.expect("the store answers"), None);
    assert_eq!(trail(&store).await, []);
}

/// Of a key that was revoked already.
pub async fn a_second_revocation_writes_no_event(store: impl Store) {
    store.sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    for number in [1, 2] {
        let at = Timestamp::from_secs(number.into());
        store
            .revoke(&key("alice", 1).id, at, Commit::audited(&[event(number)]))
            .await
            .expect("the store answers")
            .expect("the key");
    }
    assert_eq!(trail(&store).await, [event(1)]);
}

/// They name them all the same.
pub async fn events_stay_when_who_they_name_goes(store: impl Store) {
    let new = sign_up("alice", &[link("a")], &[key("alice", 1)]);
    store.sign_up(&new, Commit::audited(&[event(1)])).await.expect("a user");
    store.append(&[event(2)]).await.expect("the store answers");
    store.remove_user(&user_id("alice")).await.expect("the store answers");
    assert_eq!(trail(&store).await, [1, 2].map(event));
}
