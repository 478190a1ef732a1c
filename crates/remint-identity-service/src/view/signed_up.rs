use serde::Serialize;
use utoipa::ToSchema;

use super::key::KeyView;
use super::user::UserView;

/// A new user, with their first keys.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedUp, examples(json!({
    "user": { "id": "alice", "tenant": "acme", "enabled": true, "scopes": ["jobs:write"], "roles": ["editor"],
    "entitlements": [], "plan": null, "external": [], "created_at": "2026-11-22T10:00:00.000Z" },
    "keys": []
})))]
pub(crate) struct SignedUpView {
    pub(crate) user: UserView,
    pub(crate) keys: Vec<KeyView>,
}
