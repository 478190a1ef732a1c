//! What a revocation names: how it is read, and the schema that says so.

use std::borrow::Cow;

use remint_core::{Target, TokenDigest};
use remint_http_api::{Fault, Members, Read};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::field::{self, DigestText, IssuerNameText, KeyIdText, NameText, TenantNameText, UserIdText, named};

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
        Kind::Key => members.required("id", |id| named(KeyIdText::text(id))).map(Target::Key),
        Kind::User => members.required("id", field::user_id).map(Target::User),
        Kind::Client => members.required("id", |id| named(NameText::text(id))).map(Target::Client),
        Kind::Tenant => members.required("id", |id| named(TenantNameText::text(id))).map(Target::Tenant),
        Kind::Issuer => members.required("id", |id| named(IssuerNameText::text(id))).map(Target::Issuer),
        Kind::Subject => {
            let issuer = members.required("issuer", |issuer| named(IssuerNameText::text(issuer)));
            let subject = members.required("subject", |subject| named(IssuerNameText::text(subject)));
            issuer.zip(subject).map(|(issuer, subject)| Target::Subject { issuer, subject })
        }
        Kind::Session => {
            let issuer = members.required("issuer", |issuer| named(IssuerNameText::text(issuer)));
            let session = members.required("session", |session| named(NameText::text(session)));
            issuer.zip(session).map(|(issuer, session)| Target::Session { issuer, session })
        }
        Kind::Token if by_digest => {
            let digest = members.required("dig", |dig| named::<TokenDigest>(DigestText::text(dig)));
            digest.map(|digest| Target::SigningInput(digest.0))
        }
        Kind::Token => {
            let issuer = members.required("issuer", |issuer| named(IssuerNameText::text(issuer)));
            let id = members.required("jti", |id| named(NameText::text(id)));
            issuer.zip(id).map(|(issuer, id)| Target::Token { issuer, id })
        }
        Kind::Everything => Some(Target::Everything),
    };
    members.finish(target)
}

#[derive(Clone, Copy)]
enum Kind {
    Key,
    User,
    Client,
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
        Some("subject") => Kind::Subject,
        Some("session") => Kind::Session,
        Some("issuer") => Kind::Issuer,
        Some("tenant") => Kind::Tenant,
        Some("token") => Kind::Token,
        Some("everything") => Kind::Everything,
        _ => return Err(vec![Fault::new(KINDS)]),
    })
}

impl PartialSchema for TargetRequest {
    fn schema() -> RefOr<Schema> {
        let (issuer, name) = (IssuerNameText::schema, NameText::schema);
        let shapes: [(&str, Vec<Member>); 10] = [
            ("key", vec![("id", KeyIdText::schema())]),
            ("user", vec![("id", UserIdText::schema())]),
            ("client", vec![("id", name())]),
            ("subject", vec![("issuer", issuer()), ("subject", issuer())]),
            ("session", vec![("issuer", issuer()), ("session", name())]),
            ("issuer", vec![("id", issuer())]),
            ("tenant", vec![("id", TenantNameText::schema())]),
            ("token", vec![("issuer", issuer()), ("jti", name())]),
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

const KINDS: &str =
    "must be `key`, `user`, `client`, `subject`, `session`, `issuer`, `tenant`, `token` or `everything`";
