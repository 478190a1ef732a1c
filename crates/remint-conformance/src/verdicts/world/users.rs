use remint_apikey::{ApiKeys, NewUser};
use remint_core::{ExternalIdentity, IssuerId, Roles, Scopes, Subject, TenantChange, UserId};

use super::tokens::Provider;

/// The users, by id, with their tenant and the subject of the identity provider that is linked to them. Each has
/// `jobs:read` and `jobs:write`, and the role `editor`.
const USERS: [(&str, &str, Option<&str>); 6] = [
    ("alice", "acme", None),
    ("carol", "acme", Some("carol")),
    ("dora", "other", Some("dora")),
    ("disabled", "acme", Some("disabled")),
    ("deleted", "acme", None),
    ("tenant-disabled", "closed", Some("closed")),
];

/// Makes them all, and `erin` of `acme`, who has the roles `planner` and `viewer` and the entitlement `gpu` beside these
/// scopes. None is disabled or deleted yet.
pub(super) async fn make(keys: &ApiKeys) {
    for (id, tenant, linked) in USERS {
        let mut new = NewUser::new(user(id)).with_tenant(tenant.parse().expect("a name")).with_scopes(scopes(ALL));
        new = new.with_roles(Roles::new(["editor"]).expect("a role"));
        if let Some(subject) = linked {
            let issuer = IssuerId::new(Provider::ISSUER).expect("a name");
            new = new.with_external(ExternalIdentity { issuer, subject: Subject::new(subject).expect("a name") });
        }
        keys.sign_up(new).await.expect("a user");
    }
    let erin = NewUser::new(user("erin")).with_tenant("acme".parse().expect("a name")).with_scopes(scopes(ALL));
    let roles = Roles::new(["planner", "viewer"]).expect("roles");
    let erin = erin.with_roles(roles).with_entitlements(vec!["gpu".to_owned()]);
    keys.sign_up(erin).await.expect("a user");
}

/// Disables and deletes those who are named so.
pub(super) async fn end(keys: &ApiKeys) {
    keys.set_user_enabled(&user("disabled"), false).await.expect("disabled");
    keys.delete_user(&user("deleted")).await.expect("deleted");
    let closed = TenantChange { enabled: Some(false), ..TenantChange::default() };
    keys.change_tenant(&"closed".parse().expect("a name"), &closed).await.expect("disabled");
}

pub(super) fn user(id: &str) -> UserId {
    UserId::new(id).expect("a name")
}

pub(super) fn scopes(text: &str) -> Scopes {
    text.parse().expect("scopes")
}

const ALL: &str = "jobs:read jobs:write";
