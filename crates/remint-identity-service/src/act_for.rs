//! For whom a key may act, as a request gives it.

use std::borrow::Cow;

use remint_core::ActFor;
use remint_http_api::{Fault, Members, Read};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::field::{self, MAX_ITEMS, ScopesText, TenantIdText, UserIdText};
use crate::view::EnvironmentView;

/// For whom a new key may act, and how far. Only an administrator gives it.
pub(crate) enum ActForRequest {}

/// Reads a right that somebody is named in.
pub(crate) fn read(value: Value) -> Read<ActFor> {
    let mut members = Members::of(value)?;
    let right = ActFor {
        anyone: members.present("anyone", only_true).unwrap_or_default(),
        users: members.present("users", |value| some(field::list(value, field::user_id)?)).unwrap_or_default(),
        tenants: members.present("tenants", |value| some(field::list(value, field::tenant_id)?)).unwrap_or_default(),
        scopes: members.present("scopes", field::scopes),
        environments: members.present("environments", |value| some(field::environments(value)?)).unwrap_or_default(),
    };
    let right = members.finish(Some(right))?;
    if right.anyone || !right.users.is_empty() || !right.tenants.is_empty() {
        Ok(right)
    } else {
        Err(vec![Fault::new("must say for whom: `anyone`, `users` or `tenants`")])
    }
}

fn only_true(value: Value) -> Read<bool> {
    if value == Value::Bool(true) { Ok(true) } else { Err(vec![Fault::new("must be true, or absent")]) }
}

/// An empty list of those for whom, or of where, could be read as none and as all.
fn some<T>(items: Vec<T>) -> Read<Vec<T>> {
    if items.is_empty() { Err(vec![Fault::new("must hold something, or be absent")]) } else { Ok(items) }
}

/// One of three says for whom; all may.
impl PartialSchema for ActForRequest {
    fn schema() -> RefOr<Schema> {
        let with = |name: &str| {
            ObjectBuilder::new()
                .property(
                    "anyone",
                    ObjectBuilder::new().schema_type(SchemaType::Type(Type::Boolean)).enum_values(Some([true])),
                )
                .property("users", list(UserIdText::schema()))
                .property("tenants", list(TenantIdText::schema()))
                .property("scopes", ScopesText::schema())
                .property("environments", list(EnvironmentView::schema()).unique_items(true))
                .required(name)
                .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        };
        let described = AnyOfBuilder::new().description(Some("For whom the key may act: for an administrator to give"));
        ["anyone", "users", "tenants"].into_iter().fold(described, |any, name| any.item(with(name))).into()
    }
}

impl ToSchema for ActForRequest {
    fn name() -> Cow<'static, str> {
        "NewActFor".into()
    }
}

fn list(items: RefOr<Schema>) -> ArrayBuilder {
    ArrayBuilder::new().items(items).min_items(Some(1)).max_items(Some(MAX_ITEMS))
}
