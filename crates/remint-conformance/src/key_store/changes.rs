//! Cases of changes of a user.

use remint_core::{AuditEvent, Commit, PlanName, Roles, Scopes, Tenant, User, UserChange};

use super::{Plain as _, Store, event, found, key, link, sign_up, tenant, tenant_id, trail, user, user_id};

async fn change(store: &impl Store, change: &UserChange) -> Option<User> {
    store.change_user(&user_id("alice"), change, Commit::default()).await.expect("the store answers")
}

async fn is_now(store: &impl Store, expected: &User) {
    assert_eq!(store.user(&expected.id).await.expect("the store answers").as_ref(), Some(expected));
    assert_eq!(found(store, &key("alice", 1)).await.map(|found| found.user).as_ref(), Some(expected));
}

/// What is not named stays.
pub async fn each_field_of_a_user_changes_alone(store: impl Store) {
    store.sign_up(&sign_up("alice", &[link("a")], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    let (none, mut expected) = (UserChange::default(), user("alice"));
    assert_eq!(change(&store, &none).await.as_ref(), Some(&expected));
    is_now(&store, &expected).await;

    expected.enabled = false;
    let disabled = UserChange { enabled: Some(false), ..none.clone() };
    assert_eq!(change(&store, &disabled).await.as_ref(), Some(&expected));
    is_now(&store, &expected).await;

    expected.tenant = Some(tenant_id("other"));
    let moved = UserChange { tenant: Some(expected.tenant.clone()), ..none.clone() };
    assert_eq!(change(&store, &moved).await.as_ref(), Some(&expected));
    is_now(&store, &expected).await;

    expected.scopes = "admin".parse().expect("scopes");
    let scoped = UserChange { scopes: Some(expected.scopes.clone()), ..none.clone() };
    assert_eq!(change(&store, &scoped).await.as_ref(), Some(&expected));
    is_now(&store, &expected).await;

    expected.roles = Roles::new(["viewer", "an 'owner'", "\\{}"]).expect("roles");
    let placed = UserChange { roles: Some(expected.roles.clone()), ..none.clone() };
    assert_eq!(change(&store, &placed).await.as_ref(), Some(&expected));
    is_now(&store, &expected).await;

    expected.entitlements = vec!["b".into(), "a, \"é\"".into()];
    let entitled = UserChange { entitlements: Some(expected.entitlements.clone()), ..none.clone() };
    assert_eq!(change(&store, &entitled).await.as_ref(), Some(&expected));
    is_now(&store, &expected).await;

    expected.plan = Some(PlanName::new("free").expect("a plan's name"));
    let planned = UserChange { plan: Some(expected.plan.clone()), ..none.clone() };
    assert_eq!(change(&store, &planned).await.as_ref(), Some(&expected));
    is_now(&store, &expected).await;

    let linked = UserChange { external: Some(vec![link("b")]), ..none };
    assert_eq!(change(&store, &linked).await.as_ref(), Some(&expected));
    is_now(&store, &expected).await;
    assert_eq!(store.external(&expected.id).await.expect("the store answers"), [link("b")]);
}

/// Roles stay as they were given, in their order, and are beside entitlements: neither is read for the other.
pub async fn roles_are_kept_as_they_were_given(store: impl Store) {
    store.sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    is_now(&store, &user("alice")).await;
    let given: [&[&str]; 4] = [&["z", "a", "Z", "a b", "*"], &["null", "[]", "{a,b}", "\"", "\\", "NULL"], &["é"], &[]];
    for names in given {
        let expected = User { roles: Roles::new(names.iter().copied()).expect("roles"), ..user("alice") };
        let placed = UserChange { roles: Some(expected.roles.clone()), ..UserChange::default() };
        assert_eq!(change(&store, &placed).await.as_ref(), Some(&expected));
        is_now(&store, &expected).await;
    }
}

/// Nothing is named, and nothing is lost.
pub async fn a_change_of_nothing_leaves_everything(store: impl Store) {
    let links = [link("a"), link("b")];
    store.sign_up(&sign_up("alice", &links, &[key("alice", 1)]), Commit::default()).await.expect("a user");
    assert_eq!(change(&store, &UserChange::default()).await, Some(user("alice")));
    is_now(&store, &user("alice")).await;
    assert_eq!(store.external(&user_id("alice")).await.expect("the store answers"), links);
    assert_eq!(found(&store, &key("alice", 1)).await.map(|found| found.key), Some(key("alice", 1)));
}

/// `Some(None)` and `Some` of nothing are something else than `None`.
pub async fn what_a_user_has_can_be_taken_away(store: impl Store) {
    store.sign_up(&sign_up("alice", &[link("a")], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    let stripped = UserChange {
        enabled: None,
        tenant: Some(None),
        scopes: Some(Scopes::new()),
        roles: Some(Roles::none()),
        entitlements: Some(Vec::new()),
        plan: Some(None),
        external: Some(Vec::new()),
    };
    let bare = User {
        tenant: None,
        scopes: Scopes::new(),
        roles: Roles::none(),
        entitlements: Vec::new(),
        plan: None,
        ..user("alice")
    };
    assert_eq!(change(&store, &stripped).await.as_ref(), Some(&bare));
    is_now(&store, &bare).await;
    assert_eq!(found(&store, &key("alice", 1)).await.and_then(|found| found.tenant), None);
    assert_eq!(store.external(&bare.id).await.expect("the store answers"), []);
}

/// At the moment of the change; one that is there is left alone.
pub async fn a_tenant_is_made_for_who_moves_there(store: impl Store) {
    store.sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default()).await.expect("a user");
    let events: [AuditEvent; 2] = [event(1), event(2)];
    for (name, created_at) in [("other", event(1).at), ("acme", tenant().created_at)] {
        let moved = UserChange { tenant: Some(Some(tenant_id(name))), ..UserChange::default() };
        store
            .change_user(&user_id("alice"), &moved, Commit::audited(&events))
            .await
            .expect("the store answers")
            .expect("alice");
        let expected = Tenant { id: tenant_id(name), created_at, ..tenant() };
        assert_eq!(store.tenant(&expected.id).await.expect("the store answers").as_ref(), Some(&expected));
        assert_eq!(found(&store, &key("alice", 1)).await.and_then(|found| found.tenant), Some(expected));
    }
}

/// Nobody is made, no tenant, and nothing is written.
pub async fn changing_who_is_not_there_is_no_error(store: impl Store) {
    store.insert_user(&user("bob")).await.expect("a user");
    let moved =
        UserChange { tenant: Some(Some(tenant_id("other"))), external: Some(vec![link("a")]), ..UserChange::default() };
    for name in ["alice", "Bob", "b%", "b_b"] {
        let changed =
            store.change_user(&user_id(name), &moved, Commit::audited(&[event(1)])).await.expect("the store answers");
        assert_eq!(changed, None, "{name}");
    }
    assert_eq!(store.user(&user_id("alice")).await.expect("the store answers"), None);
    assert_eq!(store.tenant(&tenant_id("other")).await.expect("the store answers"), None);
    assert_eq!(store.linked(&link("a")).await.expect("the store answers"), None);
    assert_eq!(trail(&store).await, []);
}

/// Neither their fields nor what they are linked to.
pub async fn changing_one_user_leaves_the_others(store: impl Store) {
    for (number, name) in [(1, "alice"), (2, "bob")] {
        store.sign_up(&sign_up(name, &[link(name)], &[key(name, number)]), Commit::default()).await.expect("a user");
    }
    let everything = UserChange {
        enabled: Some(false),
        tenant: Some(None),
        scopes: Some(Scopes::new()),
        roles: Some(Roles::none()),
        entitlements: Some(Vec::new()),
        plan: Some(None),
        external: Some(Vec::new()),
    };
    change(&store, &everything).await.expect("alice");
    assert_eq!(store.user(&user_id("bob")).await.expect("the store answers"), Some(user("bob")));
    assert_eq!(store.external(&user_id("bob")).await.expect("the store answers"), [link("bob")]);
}
