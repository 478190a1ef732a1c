use remint_core::{ActFor, Environment};
use serde::Serialize;
use utoipa::ToSchema;

use super::environment::EnvironmentView;
use super::text::scopes;

/// For whom a key may act, and how far: what is absent here was not given.
#[derive(Serialize, ToSchema)]
#[schema(as = ActFor)]
pub(crate) struct ActForView {
    /// For everyone, whoever they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    anyone: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    users: Vec<String>,
    /// For everyone of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    tenants: Vec<String>,
    /// With no more than these; absent: with those of whom it acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false)]
    scopes: Option<Vec<String>>,
    /// Absent: in both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<EnvironmentView>, required = false)]
    environments: Vec<&'static str>,
}

impl From<ActFor> for ActForView {
    fn from(ActFor { anyone, users, tenants, scopes: held, environments }: ActFor) -> Self {
        Self {
            anyone: anyone.then_some(true),
            users: users.into_iter().map(Into::into).collect(),
            tenants: tenants.into_iter().map(Into::into).collect(),
            scopes: held.as_ref().map(scopes),
            environments: environments.into_iter().map(Environment::as_str).collect(),
        }
    }
}
