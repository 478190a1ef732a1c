use remint_core::{ApiKeyRecord, Scopes};
use serde::Serialize;
use utoipa::ToSchema;

use super::act_for::ActForView;
use super::environment::EnvironmentView;
use super::made_by::MadeByView;
use super::text::{networks, scopes, time};

/// An API key.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey, examples(json!({
    "key": "rmt_test_example", "id": "key_0f3a", "start": "rmt_test_9Qk", "user": "alice", "environment": "test",
    "scopes": ["jobs:write"], "networks": [], "name": "ci", "created_at": "2026-11-22T10:00:00.000Z",
    "expires_at": "2026-12-22T10:00:00.000Z", "revoked_at": null, "last_used_at": null, "rotated_to": null,
    "made_by": { "kind": "sign_up" }
})))]
pub(crate) struct KeyView {
    /// Its public id.
    id: String,
    /// Its text: in the answer to its creation, this once. `null` where that answer is given again;
    /// absent everywhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false)]
    key: Option<Option<String>>,
    /// The non-secret beginning of the text, to recognise it by.
    start: String,
    /// Whose it is.
    user: String,
    #[schema(value_type = EnvironmentView)]
    environment: &'static str,
    /// `null`: what the user may.
    scopes: Option<Vec<String>>,
    /// Those of its scopes that its user lacks: they have no effect until the user has them. In the answer to its
    /// creation, where there are any; absent everywhere else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    scopes_without_effect: Vec<String>,
    /// From where it may be used; empty: from anywhere.
    networks: Vec<String>,
    name: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// The key that took its place.
    rotated_to: Option<String>,
    /// What made it. A key that a key made ends with it where that is revoked with `cascade`, or reported as leaked.
    made_by: MadeByView,
    /// Absent: it acts for nobody but its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ActForView, required = false)]
    act_for: Option<ActForView>,
}

/// A page of keys, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyPage, examples(json!({ "items": [], "next": null })))]
pub(crate) struct KeyPage {
    pub(crate) items: Vec<KeyView>,
    /// The next page's `cursor`; `null` if this is the last one.
    pub(crate) next: Option<String>,
}

impl KeyView {
    /// Of a key whose text nobody has asked for.
    pub(crate) fn listed(key: ApiKeyRecord) -> Self {
        Self {
            id: key.id.into(),
            key: None,
            start: key.start,
            user: key.user.into(),
            environment: key.environment.as_str(),
            scopes: key.scopes.as_ref().map(scopes),
            scopes_without_effect: Vec::new(),
            networks: networks(&key.networks),
            name: key.name,
            created_at: time(key.created_at),
            expires_at: key.expires_at.map(time),
            revoked_at: key.revoked_at.map(time),
            last_used_at: key.last_used_at.map(time),
            rotated_to: key.rotated_to.map(Into::into),
            made_by: MadeByView::new(&key.made_by),
            act_for: key.act_for.map(Into::into),
        }
    }

    /// Of a new key, with its text.
    pub(crate) fn issued(key: ApiKeyRecord, text: &str) -> Self {
        Self { key: Some(Some(text.to_owned())), ..Self::listed(key) }
    }

    /// The same, where these of its scopes have no effect.
    pub(crate) fn without_effect(self, scopes: &Scopes) -> Self {
        Self { scopes_without_effect: super::text::scopes(scopes), ..self }
    }

    /// Of a key that was made before: its text is gone.
    pub(crate) fn replayed(key: ApiKeyRecord) -> Self {
        Self { key: Some(None), ..Self::listed(key) }
    }
}
