//! What a revocation names: how it is read, and the schema that says so.

use std::borrow::Cow;

use remint_core::{CredentialKind, Target, TokenDigest};
use remint_http_api::{Fault, Members, Read};
use remint_jwt::{external_session_id, external_token_id};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::field::{
    self, ClientText, CredentialIdText, CredentialKindText, DigestText, IssuerText, KeyIdText, SubjectText,
    TenantIdText, UserIdText, name,
};

/// What a revocation names.
pub(crate) enum TargetRequest {}

/// A member's name and schema.
type Member = (&'static str, RefOr<Schema>);

/// Reads a target. The names of issuers are their own: all that can stand in a token can be named.
pub(crate) fn read(value: Value) -> Read<Target> {
    let by_digest = value.get("dig").is_some();
    let mut members = Members::of(value)?;
    let Some(kind) = members.required("kind", kind) else { return members.finish(None) };
    let target = match kind {
        Kind::Key => members.required("id", name).map(Target::Key),
        Kind::User => members.required("id", field::user_id).map(Target::User),
        Kind::Client => members.required("id", name).map(Target::Client),
        Kind::Credential => {
            let (kind, id) = (members.required("credential", credential_kind), members.required("id", name));
            kind.zip(id).map(|(kind, id)| Target::Credential { kind, id })
        }
        Kind::Tenant => members.required("id", field::tenant_id).map(Target::Tenant),
        Kind::Issuer => members.required("id", name).map(Target::Issuer),
        Kind::Subject => {
            let (issuer, subject) = (members.required("issuer", name), members.required("subject", name));
            issuer.zip(subject).map(|(issuer, subject)| Target::Subject { issuer, subject })
        }
        Kind::Session => {
            let issuer = members.required("issuer", name);
            let session = members.required("session", |session| external(&session, external_session_id));
            issuer.zip(session).map(|(issuer, session)| Target::Session { issuer, session })
        }
        Kind::Token if by_digest => members.required("dig", digest).map(|digest| Target::SigningInput(digest.0)),
        Kind::Token => {
            let issuer = members.required("issuer", name);
            let id = members.required("jti", |id| external(&id, external_token_id));
            issuer.zip(id).map(|(issuer, id)| Target::Token { issuer, id })
        }
        Kind::Everything => Some(Target::Everything),
    };
    members.finish(target)
}

/// What an issuer calls a session or a token, by the rule by which its tokens are read.
fn external<T>(value: &Value, name: impl FnOnce(&Value) -> Option<T>) -> Read<T> {
    let fits = value.as_str().is_none_or(|text| text.chars().count() <= MAX_EXTERNAL);
    name(value).filter(|_| fits).ok_or_else(|| vec![Fault::new(EXTERNAL)])
}

fn external_schema() -> RefOr<Schema> {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(MAX_EXTERNAL));
    let number = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .minimum(Some(i64::MIN))
        .maximum(Some(u64::MAX));
    OneOfBuilder::new().item(text).item(number).description(Some(EXTERNAL)).into()
}

fn credential_kind(value: Value) -> Read<CredentialKind> {
    CredentialKindText::text(value)?.parse().map_err(field::unfit)
}

fn digest(value: Value) -> Read<TokenDigest> {
    DigestText::text(value)?.parse().map_err(field::unfit)
}

#[derive(Clone, Copy)]
enum Kind {
    Key,
    User,
    Client,
    Credential,
    Subject,
    Session,
    Issuer,
    Tenant,
    Token,
    Everything,
}

fn kind(value: Value) -> Read<Kind> {
    Ok(match value.as_str() {
        Some("key") => Kind::Key,
        Some("user") => Kind::User,
        Some("client") => Kind::Client,
        Some("credential") => Kind::Credential,
        Some("subject") => Kind::Subject,
        Some("session") => Kind::Session,
        Some("issuer") => Kind::Issuer,
        Some("tenant") => Kind::Tenant,
        Some("token") => Kind::Token,
        Some("everything") => Kind::Everything,
        Some("grant" | "job") => return Err(vec![Fault::new(NO_GRANTS)]),
        _ => return Err(vec![Fault::new(KINDS)]),
    })
}

impl PartialSchema for TargetRequest {
    fn schema() -> RefOr<Schema> {
        let issuer = IssuerText::schema;
        let shapes: [(&str, Vec<Member>); 11] = [
            ("key", vec![("id", KeyIdText::schema())]),
            ("user", vec![("id", UserIdText::schema())]),
            ("client", vec![("id", ClientText::schema())]),
            ("credential", vec![("credential", CredentialKindText::schema()), ("id", CredentialIdText::schema())]),
            ("subject", vec![("issuer", issuer()), ("subject", SubjectText::schema())]),
            ("session", vec![("issuer", issuer()), ("session", external_schema())]),
            ("issuer", vec![("id", issuer())]),
            ("tenant", vec![("id", TenantIdText::schema())]),
            ("token", vec![("issuer", issuer()), ("jti", external_schema())]),
            ("token", vec![("dig", DigestText::schema())]),
            ("everything", Vec::new()),
        ];
        let one_of: OneOfBuilder = shapes.into_iter().fold(OneOfBuilder::new(), |one_of, (kind, members)| {
            let kind = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some([kind]));
            let shape = ObjectBuilder::new().property("kind", kind).required("kind");
            let shape =
                members.into_iter().fold(shape, |shape, (name, schema)| shape.property(name, schema).required(name));
            one_of.item(shape.additional_properties(Some(AdditionalProperties::FreeForm(false))))
        });
        one_of.description(Some("What a revocation names")).into()
    }
}

impl ToSchema for TargetRequest {
    fn name() -> Cow<'static, str> {
        "Target".into()
    }
}

/// Longer than any that a token could hold.
const MAX_EXTERNAL: usize = 16 * 1024;
const EXTERNAL: &str = "must be the text or whole number that stands in the issuer's tokens";
const NO_GRANTS: &str = "names a job grant, and there are none in this release";
const KINDS: &str = "must be `key`, `user`, `client`, `credential`, `subject`, `session`, `issuer`, `tenant`, `token` or \
                     `everything`";
