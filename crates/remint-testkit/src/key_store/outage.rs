//! Cases of a store that cannot be reached. An outage is ours, and says so.

use remint_core::{ApiKeyRecord, StoreError, Timestamp, Unavailable, UnavailableKind};

use super::{Plain as _, Store, key, user, user_id};

async fn filled(store: &impl Store) -> ApiKeyRecord {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&key("alice", 1)).await.expect("a key");
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
    is_out(store.find(&there.digest).await);
    is_out(store.find(&key("alice", 2).digest).await);
    is_out(store.keys(&there.user).await);
    is_out(store.keys(&user_id("nobody")).await);
    is_out(store.user(&there.user).await);
    is_out(store.user(&user_id("nobody")).await);
}

/// Nothing that was not done is acknowledged, nor taken for a conflict or an unknown user.
pub async fn an_outage_is_never_success(store: impl Store, cut: impl AsyncFnOnce()) {
    let there = filled(&store).await;
    cut().await;
    let at = Timestamp::from_secs(1);
    is_refused(store.insert_key(&there).await);
    is_refused(store.insert_key(&key("nobody", 2)).await);
    is_refused(store.insert_user(&user("alice")).await);
    is_refused(store.insert_user(&user("bob")).await);
    is_out(store.revoke_key(&there.id, at).await);
    is_refused(store.set_enabled(&there.user, false).await);
    is_out(store.remove_user(&there.user).await);
    is_out(store.record_last_used(&[(there.id, at)]).await);
}
