//! Cases of external identities.

use remint_core::{Commit, DeletedUser, ExternalIdentity, FoundUser, IssuerId, StoreError, Tenant, User, UserChange};

use super::{Plain as _, Store, event, found, key, link, sign_up, tenant, tenant_id, trail, user, user_id};

async fn linked(store: &impl Store, external: &ExternalIdentity) -> Option<FoundUser> {
    store.linked(external).await.expect("the store answers")
}

async fn whose(store: &impl Store, subject: &str) -> Option<String> {
    linked(store, &link(subject)).await.map(|found| found.user.id.into())
}

fn relinked(external: &[ExternalIdentity]) -> UserChange {
    UserChange { external: Some(external.to_vec()), ..UserChange::default() }
}

/// From one read, as the look-up of a key does it.
pub async fn a_link_leads_to_its_user_with_their_tenant(store: impl Store) {
    assert_eq!(linked(&store, &link("a")).await, None);
    store.sign_up(&sign_up("alice", &[link("a"), link("b")], &[]), Commit::default()).await.expect("a user");
    let mut alone = sign_up("bob", &[link("c")], &[]);
    alone.user.tenant = None;
    store.sign_up(&alone, Commit::default()).await.expect("a user");
    for subject in ["a", "b"] {
        let expected = FoundUser { user: user("alice"), tenant: Some(tenant()) };
        assert_eq!(linked(&store, &link(subject)).await, Some(expected));
    }
    assert_eq!(linked(&store, &link("c")).await, Some(FoundUser { user: alone.user, tenant: None }));
    store.set_enabled(&user_id("alice"), false).await.expect("the store answers");
    assert_eq!(linked(&store, &link("a")).await.map(|found| found.user.enabled), Some(false));
}

/// Issuer and subject both, with nothing folded, trimmed or matched.
pub async fn links_are_compared_to_the_byte(store: impl Store) {
    let subjects = ["a", "A", "a ", "_", "%", "'; --", "\u{e9}", "e\u{301}", "1", "01"];
    let mut externals: Vec<_> = subjects.map(link).into();
    for issuer in ["https://idp.example/", "https://IDP.example", "https://idp_example", "https://idp.exampl"] {
        externals.push(ExternalIdentity { issuer: IssuerId::new(issuer).expect("an issuer"), ..link("a") });
    }
    for (number, external) in externals.iter().enumerate() {
        assert_eq!(linked(&store, external).await, None, "{external:?}");
        let new = sign_up(&format!("user {number}"), std::slice::from_ref(external), &[]);
        store.sign_up(&new, Commit::default()).await.expect("a user");
    }
    for (number, external) in externals.iter().enumerate() {
        let found = linked(&store, external).await.expect("a user");
        assert_eq!(found.user.id, user_id(&format!("user {number}")), "{external:?}");
    }
}

/// By issuer, then by subject, by their bytes.
pub async fn links_are_listed_in_order(store: impl Store) {
    let other = ExternalIdentity { issuer: IssuerId::new("https://Z.example").expect("an issuer"), ..link("z") };
    let links = [link("b"), link("\u{e9}"), other.clone(), link("B"), link("a")];
    store.sign_up(&sign_up("alice", &links, &[]), Commit::default()).await.expect("a user");
    store.sign_up(&sign_up("bob", &[link("c")], &[]), Commit::default()).await.expect("a user");
    let listed = store.external(&user_id("alice")).await.expect("the store answers");
    assert_eq!(listed, [other, link("B"), link("a"), link("b"), link("\u{e9}")]);
    assert_eq!(store.external(&user_id("nobody")).await.expect("the store answers"), []);
}

/// Those that are not named are free for others.
pub async fn links_are_replaced_whole(store: impl Store) {
    store.sign_up(&sign_up("alice", &[link("a"), link("b")], &[]), Commit::default()).await.expect("a user");
    store.insert_user(&user("bob")).await.expect("a user");
    let now = [link("b"), link("c")];
    store
        .change_user(&user_id("alice"), &relinked(&now), Commit::default())
        .await
        .expect("the store answers")
        .expect("alice");
    assert_eq!(store.external(&user_id("alice")).await.expect("the store answers"), now);
    assert_eq!(whose(&store, "a").await, None);
    assert_eq!(whose(&store, "b").await.as_deref(), Some("alice"));
    assert_eq!(whose(&store, "c").await.as_deref(), Some("alice"));
    store
        .change_user(&user_id("bob"), &relinked(&[link("a")]), Commit::default())
        .await
        .expect("a free link")
        .expect("bob");
    assert_eq!(whose(&store, "a").await.as_deref(), Some("bob"));
    store
        .change_user(&user_id("alice"), &relinked(&[]), Commit::default())
        .await
        .expect("the store answers")
        .expect("alice");
    assert_eq!(whose(&store, "b").await, None);
    assert_eq!(whose(&store, "a").await.as_deref(), Some("bob"));
}

/// Not the links, not the other fields, not a tenant, and no event.
pub async fn a_link_of_another_user_changes_nothing(store: impl Store) {
    store.sign_up(&sign_up("alice", &[link("a")], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    store.sign_up(&sign_up("bob", &[link("b")], &[]), Commit::default()).await.expect("a user");
    let change = UserChange {
        enabled: Some(false),
        tenant: Some(Some(tenant_id("other"))),
        plan: Some(None),
        ..relinked(&[link("c"), link("b")])
    };
    let outcome = store.change_user(&user_id("alice"), &change, Commit::audited(&[event(1)])).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(store.user(&user_id("alice")).await.expect("the store answers"), Some(user("alice")));
    assert_eq!(found(&store, &key("alice", 1)).await.map(|found| found.user), Some(user("alice")));
    assert_eq!(store.external(&user_id("alice")).await.expect("the store answers"), [link("a")]);
    assert_eq!(whose(&store, "a").await.as_deref(), Some("alice"));
    assert_eq!(whose(&store, "b").await.as_deref(), Some("bob"));
    assert_eq!(whose(&store, "c").await, None);
    assert_eq!(store.tenant(&tenant_id("other")).await.expect("the store answers"), None);
    assert_eq!(trail(&store).await, []);
}

/// They are returned, lead nowhere, and are not the next user's of that id.
pub async fn a_deleted_users_links_are_free(store: impl Store) {
    let links = [link("a"), link("b")];
    store.sign_up(&sign_up("alice", &links, &[]), Commit::default()).await.expect("a user");
    store.sign_up(&sign_up("bob", &[link("c")], &[]), Commit::default()).await.expect("a user");
    let deleted = store.delete_user(&user_id("alice"), Commit::default()).await.expect("the store answers");
    assert_eq!(deleted, Some(DeletedUser { user: user("alice"), external: links.to_vec() }));
    assert_eq!(whose(&store, "a").await, None);
    assert_eq!(store.external(&user_id("alice")).await.expect("the store answers"), []);

    store.insert_user(&user("alice")).await.expect("a user of the same id");
    assert_eq!(store.external(&user_id("alice")).await.expect("the store answers"), []);
    assert_eq!(whose(&store, "a").await, None);
    store.sign_up(&sign_up("carol", &[link("a")], &[]), Commit::default()).await.expect("a free link");
    assert_eq!(whose(&store, "a").await.as_deref(), Some("carol"));
    assert_eq!(whose(&store, "c").await.as_deref(), Some("bob"));
}

/// As it is at that moment.
pub async fn a_link_shows_its_users_tenant_as_it_is(store: impl Store) {
    store.sign_up(&sign_up("alice", &[link("a")], &[]), Commit::default()).await.expect("a user");
    let moved = UserChange { tenant: Some(Some(tenant_id("other"))), ..UserChange::default() };
    store
        .change_user(&user_id("alice"), &moved, Commit::audited(&[event(1)]))
        .await
        .expect("the store answers")
        .expect("alice");
    let user = User { tenant: Some(tenant_id("other")), ..user("alice") };
    let tenant = Tenant { id: tenant_id("other"), created_at: event(1).at, ..tenant() };
    assert_eq!(linked(&store, &link("a")).await, Some(FoundUser { user, tenant: Some(tenant) }));
}
