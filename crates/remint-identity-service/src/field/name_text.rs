//! The schemas of names: what the core takes is what the document says.

use std::borrow::Cow;

use remint_core::{
    ClientId, CredentialId, IssuerId, KeyId, KeyName, NameRule, PlanName, RoleName, Subject, TenantId, UserId,
};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! name {
    ($(#[$doc:meta])* $text:ident, $name:ident) => {
        $(#[$doc])*
        pub(crate) enum $text {}

        impl PartialSchema for $text {
            fn schema() -> RefOr<Schema> {
                schema($name::RULE)
            }
        }

        impl ToSchema for $text {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

name!(
    /// A user's id.
    UserIdText, UserId
);
name!(
    /// A tenant's id.
    TenantIdText, TenantId
);
name!(
    /// A plan's name.
    PlanNameText, PlanName
);
name!(
    /// A role of a user. None begins with `remint:`.
    RoleNameText, RoleName
);
name!(
    /// A key's name, for people.
    KeyNameText, KeyName
);
name!(
    /// The id of an API key.
    KeyIdText, KeyId
);
name!(
    /// An issuer.
    IssuerText, IssuerId
);
name!(
    /// A subject as an issuer names it.
    SubjectText, Subject
);
name!(
    /// The public name of a credential of another kind.
    CredentialIdText, CredentialId
);
name!(
    /// A client.
    ClientText, ClientId
);

fn schema(rule: NameRule) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(rule.max_length()))
        .pattern(Some(rule.pattern()))
        .description(Some(rule.to_string()))
        .into()
}
