//! Cases of a store that cannot be reached. An outage is ours, and says so.

use remint_core::{
    ApiKeyRecord, Commit, KeyDigest, KeyEnd, Page, StoreError, TenantChange, Timestamp, Unavailable, UnavailableKind,
    UsageFilter, UserChange,
};

use super::registry::depends_on;
use super::usage::{account, batch};
use super::{Plain as _, Store, event, key, link, once, rotation, sign_up, tenant_id, user, user_id};

async fn filled(store: &impl Store) -> ApiKeyRecord {
    store.sign_up(&sign_up("alice", &[link("a")], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    store.add_usage(&batch(1, account(1), 1, 1)).await.expect("usage");
    store.append(&[event(1)]).await.expect("an event");
    key("alice", 1)
}

fn is_out<T: std::fmt::Debug>(outcome: Result<T, Unavailable>) {
    let kind = outcome.as_ref().map_err(Unavailable::kind);
    assert!(matches!(kind, Err(UnavailableKind::Store)), "{outcome:?}");
}

#[expect(clippy::panic, reason = "a suite is a test: it may panic")]
fn is_refused<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    match outcome {
        Err(StoreError::Unavailable(unavailable)) => is_out::<()>(Err(unavailable)),
        other => panic!("{other:?}"),
    }
}

/// Of what is there and of what is not.
pub async fn an_outage_is_never_absence(store: impl Store, cut: impl AsyncFnOnce()) {
    let there = filled(&store).await;
    cut().await;
    for key in [&there, &key("nobody", 2)] {
        is_out(store.find(&key.digest).await);
        is_out(store.candidates(&key.digest.scheme, &key.start).await);
        is_out(store.key(&key.id).await);
        is_out(store.keys(&key.user).await);
        is_out(store.user(&key.user).await);
        is_out(store.external(&key.user).await);
    }
    for (subject, tenant) in [("a", "acme"), ("b", "other")] {
        is_out(store.linked(&link(subject)).await);
        is_out(store.tenant(&tenant_id(tenant)).await);
    }
    is_out(store.descent(&[there.id.clone(), key("nobody", 2).id], Page::all()).await);
    is_out(store.keys_without_entitlements(there.created_at).await);
    is_out(store.usage(&UsageFilter::default(), Page::all()).await);
    is_out(store.events(Page::all()).await);
    is_out(store.record().await);
    is_out(store.live_schemes("hmac-sha256:", Timestamp::from_secs(1)).await);
    is_out(store.live_schemes("none", Timestamp::from_secs(1)).await);
}

/// Nothing that was not done is acknowledged, nor taken for a conflict or something unknown.
pub async fn an_outage_is_never_success(store: impl Store, cut: impl AsyncFnOnce()) {
    let there = filled(&store).await;
    cut().await;
    let at = Timestamp::from_secs(1);
    is_refused(store.insert_key(&there).await);
    is_refused(store.insert_key(&key("nobody", 2)).await);
    is_refused(store.insert(&[key("alice", 2)], Commit::audited(&[event(2)]).with_once(Some(&once(1, 1)))).await);
    is_refused(store.insert_user(&user("alice")).await);
    is_refused(
        store
            .sign_up(&sign_up("bob", &[link("a")], &[]), Commit::audited(&[event(2)]).with_once(Some(&once(1, 1))))
            .await,
    );
    for old in [1, 9] {
        is_refused(
            store.rotate(&rotation("alice", old, 2), Commit::audited(&[event(2)]).with_once(Some(&once(1, 1)))).await,
        );
    }
    let to = KeyDigest { scheme: "another".into(), bytes: [1].into() };
    is_refused(store.rehash(&there.id, &there.digest, &to).await);
    is_refused(store.rehash(&there.id, &to, &there.digest).await);
    for id in [&there.id, &key("alice", 9).id] {
        is_out(store.revoke(id, at, Commit::audited(&[event(2)])).await);
    }
    for end in [&there.id, &key("alice", 9).id].map(|id| KeyEnd {
        id: id.clone(),
        audit: vec![event(2)],
        revocations: Vec::new(),
    }) {
        is_out(store.revoke_all(&[end], at).await);
    }
    for id in ["alice", "nobody"] {
        is_refused(store.change_user(&user_id(id), &UserChange::default(), Commit::audited(&[event(2)])).await);
        is_out(store.delete_user(&user_id(id), Commit::audited(&[event(2)])).await);
    }
    for id in ["acme", "other"] {
        is_out(store.change_tenant(&tenant_id(id), &TenantChange::default(), Commit::audited(&[event(2)])).await);
    }
    is_out(store.record_last_used(&[(there.id, at)]).await);
    is_out(store.add_usage(&batch(1, account(1), 1, 1)).await);
    is_out(store.add_usage(&batch(2, account(1), 1, 1)).await);
    is_out(store.append(&[event(2)]).await);
    is_refused(store.insert_users(&[user("carol")], Commit::default()).await);
    is_out(store.set_dependencies(0, &depends_on("a")).await);
    is_out(store.set_dependencies(7, &depends_on("a")).await);
}
