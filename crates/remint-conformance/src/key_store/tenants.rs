//! Cases of tenants.

use remint_core::{Commit, PlanName, Tenant, TenantChange, Timestamp};

use super::{Plain as _, Store, event, found, key, link, sign_up, tenant, tenant_id, trail, user, user_id};

async fn read(store: &impl Store, id: &str) -> Option<Tenant> {
    store.tenant(&tenant_id(id)).await.expect("the store answers")
}

async fn change(store: &impl Store, id: &str, change: &TenantChange) -> Option<Tenant> {
    store.change_tenant(&tenant_id(id), change, Commit::default()).await.expect("the store answers")
}

fn enabled(enabled: bool) -> TenantChange {
    TenantChange { enabled: Some(enabled), plan: None }
}

fn plan(name: &str) -> Option<PlanName> {
    Some(PlanName::new(name).expect("a plan's name"))
}

/// With the first user's moment; nobody without a tenant makes one.
pub async fn a_tenant_comes_with_its_first_user(store: impl Store) {
    let mut alone = user("alone");
    alone.tenant = None;
    store.insert_user(&alone).await.expect("a user");
    assert_eq!(read(&store, "acme").await, None);
    store.insert_user(&user("alice")).await.expect("a user");
    assert_eq!(read(&store, "acme").await, Some(tenant()));
}

/// Not enabled, not without its plan, not younger.
pub async fn a_second_user_leaves_the_tenant_alone(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let changed = TenantChange { enabled: Some(false), plan: Some(plan("gold")) };
    let expected = Tenant { enabled: false, plan: plan("gold"), ..tenant() };
    assert_eq!(change(&store, "acme", &changed).await.as_ref(), Some(&expected));
    let mut second = user("bob");
    second.created_at = Timestamp::from_secs(1);
    store.insert_user(&second).await.expect("a user");
    assert_eq!(read(&store, "acme").await.as_ref(), Some(&expected));
    store.insert_key(&key("bob", 1)).await.expect("a key");
    assert_eq!(found(&store, &key("bob", 1)).await.and_then(|found| found.tenant), Some(expected));
}

/// With what was set, for whoever comes next.
pub async fn a_tenant_stays_when_its_users_go(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    change(&store, "acme", &enabled(false)).await.expect("a tenant");
    store.remove_user(&user_id("alice")).await.expect("the store answers");
    assert_eq!(read(&store, "acme").await, Some(Tenant { enabled: false, ..tenant() }));
}

/// Each look-up that begins after the change has returned shows it; enabling brings them back.
pub async fn disabling_a_tenant_shows_in_each_of_its_users(store: impl Store) {
    for (number, name) in [(1, "alice"), (2, "bob")] {
        store.sign_up(&sign_up(name, &[link(name)], &[key(name, number)]), Commit::default()).await.expect("a user");
    }
    for state in [false, true] {
        let expected = Some(Tenant { enabled: state, ..tenant() });
        assert_eq!(change(&store, "acme", &enabled(state)).await, expected);
        assert_eq!(read(&store, "acme").await, expected);
        for (number, name) in [(1, "alice"), (2, "bob")] {
            let by_key = found(&store, &key(name, number)).await.expect("the key is still there");
            assert_eq!((by_key.tenant, by_key.user), (expected.clone(), user(name)));
            let by_link = store.linked(&link(name)).await.expect("the store answers").expect("the user");
            assert_eq!((by_link.tenant, by_link.user), (expected.clone(), user(name)));
            let by_start = store.candidates("hmac", &key(name, number).start).await.expect("the store answers");
            assert_eq!(by_start.first().map(|found| found.tenant.clone()), Some(expected.clone()));
        }
    }
}

/// What is not named stays; `Some(None)` takes the plan away.
pub async fn each_field_of_a_tenant_changes_alone(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let planned = Tenant { plan: plan("gold"), ..tenant() };
    let gold = TenantChange { enabled: None, plan: Some(plan("gold")) };
    assert_eq!(change(&store, "acme", &gold).await.as_ref(), Some(&planned));
    assert_eq!(change(&store, "acme", &TenantChange::default()).await.as_ref(), Some(&planned));
    let disabled = Tenant { enabled: false, ..planned };
    assert_eq!(change(&store, "acme", &enabled(false)).await.as_ref(), Some(&disabled));
    let none = TenantChange { enabled: None, plan: Some(None) };
    let bare = Tenant { plan: None, ..disabled };
    assert_eq!(change(&store, "acme", &none).await.as_ref(), Some(&bare));
    assert_eq!(read(&store, "acme").await, Some(bare));
}

/// None is made, no other is changed, and nothing is written.
pub async fn changing_a_tenant_that_is_not_there_is_no_error(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    for id in ["other", "Acme", "acm_", "%", "acme "] {
        let outcome = store.change_tenant(&tenant_id(id), &enabled(false), Commit::audited(&[event(1)])).await;
        assert_eq!(outcome.expect("the store answers"), None, "{id}");
        assert_eq!(read(&store, id).await, None, "{id}");
    }
    assert_eq!(read(&store, "acme").await, Some(tenant()));
    assert_eq!(trail(&store).await, []);
}

/// Users of others, and users of none.
pub async fn disabling_one_tenant_leaves_the_others(store: impl Store) {
    let names = [Some("acme"), Some("Acme"), Some("a'%_\u{e9}|"), None];
    for (number, name) in (0..).zip(names) {
        let user = format!("user {number}");
        let mut new = sign_up(&user, &[], &[key(&user, number)]);
        new.user.tenant = name.map(tenant_id);
        store.sign_up(&new, Commit::default()).await.expect("a user");
    }
    change(&store, "acme", &enabled(false)).await.expect("a tenant");
    for (number, name) in (0..).zip(names) {
        let found = found(&store, &key("any", number)).await.expect("the key");
        let expected = name.map(|name| Tenant { id: tenant_id(name), enabled: name != "acme", ..tenant() });
        assert_eq!(found.tenant, expected);
    }
}
