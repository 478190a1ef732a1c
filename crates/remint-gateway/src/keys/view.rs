use remint::{ApiKey, ApiKeyRecord};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::act_for;

use crate::terminal::time;

/// A key as it is shown, in the words of the identity service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeyView {
    pub(super) id: String,
    /// Its text: when it was made, this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<KeyText>,
    pub(super) start: String,
    pub(super) user: String,
    pub(super) environment: String,
    pub(super) scopes: Option<Vec<String>>,
    /// Those of them that the user lacks: when it was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) scopes_without_effect: Vec<String>,
    pub(super) networks: Vec<String>,
    pub(super) name: Option<String>,
    pub(super) created_at: String,
    pub(super) expires_at: Option<String>,
    pub(super) revoked_at: Option<String>,
    pub(super) last_used_at: Option<String>,
    pub(super) rotated_to: Option<String>,
    /// What made it: an object with `kind`.
    pub(super) made_by: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) act_for: Option<Value>,
}

/// The text of a key. It is printed and nothing else.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct KeyText(String);

impl KeyText {
    pub(super) fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl KeyView {
    pub(super) fn made(key: &ApiKey, record: ApiKeyRecord) -> Self {
        Self { key: Some(KeyText(key.expose_secret().to_owned())), ..Self::from(record) }
    }
}

impl From<ApiKeyRecord> for KeyView {
    fn from(key: ApiKeyRecord) -> Self {
        Self {
            id: key.id.to_string(),
            key: None,
            start: key.start,
            user: key.user.to_string(),
            environment: key.environment.to_string(),
            scopes: key.scopes.map(|scopes| scopes.iter().map(str::to_owned).collect()),
            scopes_without_effect: Vec::new(),
            networks: key.networks.iter().map(ToString::to_string).collect(),
            name: key.name,
            created_at: time(key.created_at),
            expires_at: key.expires_at.map(time),
            revoked_at: key.revoked_at.map(time),
            last_used_at: key.last_used_at.map(time),
            rotated_to: key.rotated_to.map(|id| id.to_string()),
            made_by: serde_json::to_value(&key.made_by).unwrap_or_default(),
            act_for: key.act_for.as_ref().map(act_for::in_json),
        }
    }
}
