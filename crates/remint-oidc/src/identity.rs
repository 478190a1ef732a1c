use std::str::FromStr;

use remint_core::{
    ClientId, CredentialRef, DeniedKind, Ext, Identity, InvalidName, IssuerId, RoleName, Scopes, Subject, TenantId,
    TokenDigest,
};
use remint_jwt::{Claims, external_session_id, external_token_id};
use serde_json::Value;

use crate::allow::{Allowed, Tenants};
use crate::fault::{Fault, at};
use crate::read::Reader;
use crate::token_type::Kind;
use crate::trusted::Trusted;
use crate::{actor, auth_time, check, id_token, read};

/// What a token's claims say about the caller, as far as its issuer may say it. The claims must
/// have been verified. `digest` names the token where its claims do not.
pub(crate) fn read(
    trusted: &Trusted,
    claims: &Claims,
    kind: Kind,
    (issuer, digest): (IssuerId, TokenDigest),
    own: &IssuerId,
) -> Result<Identity, Fault> {
    let reader = Reader { claims, kind };
    if trusted.claims.names_sub() || !kind.is_lenient() {
        claims.subject().map_err(DeniedKind::from).map_err(at("sub"))?;
    }
    let of_subject = || at(&trusted.claims.subject);
    let mapped = read::text(claims, &trusted.claims.subject, kind).map_err(of_subject())?;
    let mapped = mapped.ok_or(DeniedKind::Claim).map_err(of_subject())?;
    let subject = Subject::new([&trusted.name, "|", mapped].concat()).map_err(unsound).map_err(of_subject())?;
    let (client, scopes) = match kind {
        Kind::AccessToken | Kind::Assertion => (check::first_client(trusted, reader)?, scopes(trusted, reader)?),
        Kind::IdToken => {
            let client = id_token::client(claims).map(ClientId::new).transpose();
            (client.map_err(unsound).map_err(at("azp"))?, Scopes::new())
        }
    };
    let client = client.map_or_else(|| ClientId::new([&trusted.name, "|"].concat()), Ok);
    let client = client.map_err(unsound).map_err(at("azp"))?;
    let tenant = tenant(trusted, claims, kind, issuer.as_str())?;
    let actor = actor::read(reader, &issuer, own).map_err(at("act"))?;
    let may_act = actor::may_act(reader, &issuer).map_err(at("may_act"))?;
    let id = reader.carried("jti", |value| if kind.is_lenient() { external_token_id(value) } else { strict(value) });
    let session =
        reader.carried("sid", |value| if kind.is_lenient() { external_session_id(value) } else { strict(value) });
    let auth_time = if kind.is_lenient() {
        reader.carried("auth_time", auth_time::read)
    } else {
        claims.timestamp("auth_time").map_err(DeniedKind::from)
    };
    let acr = reader.carried("acr", |value| read::non_empty(value).map(str::to_owned));
    let external = external_name(trusted, mapped).map_err(of_subject())?;
    let credential = CredentialRef::jwt(issuer, external, id.map_err(at("jti"))?, digest);
    Ok(Identity {
        tenant,
        scopes,
        session: session.map_err(at("sid"))?,
        actor,
        may_act,
        auth_time: auth_time.map_err(at("auth_time"))?,
        acr: acr.map_err(at("acr"))?,
        amr: reader.texts("amr").map_err(at("amr"))?.into_iter().map(str::to_owned).collect(),
        // Entitlements are for our own store and enrichers to give.
        roles: roles(trusted, reader)?,
        groups: allowed(reader, &trusted.claims.groups, &trusted.groups, &trusted.role_prefixes)?,
        ext: ext(trusted, reader)?,
        ..Identity::new(subject, trusted.environment, client, credential)
    })
}

/// The name by which links and revocations know the subject: its `sub`, or `<claim>:<value>` where another claim
/// names it, so that nobody's `upn` is another's `sub`.
fn external_name(trusted: &Trusted, mapped: &str) -> Result<Subject, DeniedKind> {
    let name = if trusted.claims.names_sub() { mapped.to_owned() } else { trusted.claims.prefix() + mapped };
    Subject::new(name).map_err(unsound)
}

/// The token's `sub`, where another claim names its subject: older links and revocations name it so. None that
/// could be taken for the name by that claim.
pub(crate) fn plain_subject(trusted: &Trusted, claims: &Claims) -> Option<Subject> {
    let sub = claims.get("sub").and_then(Value::as_str)?;
    let is_other = !trusted.claims.names_sub() && !sub.starts_with(&trusted.claims.prefix());
    if is_other { Subject::new(sub).ok() } else { None }
}

/// The tenant, as far as this issuer may speak for one. A template issuer's own tenant must be the
/// one that the token names.
fn tenant(trusted: &Trusted, claims: &Claims, kind: Kind, issuer: &str) -> Result<Option<TenantId>, Fault> {
    let of_issuer = trusted.pattern.matches(issuer).flatten();
    let default = if trusted.pattern.is_template() { "tid" } else { "org_id" };
    let path = trusted.claims.tenant.as_deref().unwrap_or(default);
    let of_token = match &trusted.tenants {
        Tenants::Nobody => return Ok(None),
        Tenants::Fixed(tenant) => return TenantId::new(&**tenant).map(Some).map_err(unsound).map_err(at(path)),
        Tenants::Listed(_) | Tenants::Any => read::text(claims, path, kind).map_err(at(path))?,
    };
    if of_issuer.is_some() && of_issuer != of_token {
        return Err(at(path)(DeniedKind::Tenant));
    }
    let Some(tenant) = of_token else {
        return if trusted.require_tenant { Err(at(path)(DeniedKind::Tenant)) } else { Ok(None) };
    };
    if let Tenants::Listed(allowed) = &trusted.tenants
        && !allowed.iter().any(|allowed| **allowed == *tenant)
    {
        return Err(at(path)(DeniedKind::Tenant));
    }
    TenantId::new(tenant).map(Some).map_err(unsound).map_err(at(path))
}

fn scopes(trusted: &Trusted, reader: Reader<'_>) -> Result<Scopes, Fault> {
    let mut passing = Vec::new();
    for path in &trusted.claims.scopes {
        let texts = reader.texts(path).map_err(at(path))?;
        let tokens = texts.into_iter().flat_map(|text| text.split(' ')).filter(|token| !token.is_empty());
        for token in tokens.filter(|token| trusted.scopes.allows(token)) {
            if Scopes::try_from_iter([token]).is_ok() {
                passing.push(token);
            } else {
                reader.leave_out(path, &Value::from(token)).map_err(at(path))?;
            }
        }
    }
    let first = trusted.claims.scopes.first().map_or("", |path| path);
    Scopes::try_from_iter(passing).map_err(|_| at(first)(DeniedKind::Claim))
}

/// Those of the roles that pass. What could be no role of ours is none of theirs.
fn roles(trusted: &Trusted, reader: Reader<'_>) -> Result<Vec<String>, Fault> {
    let path = &trusted.claims.roles;
    let mut roles = Vec::new();
    for name in allowed(reader, path, &trusted.roles, &trusted.role_prefixes)? {
        match RoleName::new(&*name) {
            Ok(_) => roles.push(name),
            Err(_) => reader.leave_out(path, &Value::from(name)).map_err(at(path))?,
        }
    }
    Ok(roles)
}

/// Those of the names at `path` that pass. Where none can, nothing is read: what stands there is no concern of ours.
fn allowed(reader: Reader<'_>, path: &str, passing: &Allowed, prefixes: &[Box<str>]) -> Result<Vec<String>, Fault> {
    if passing.is_none() {
        return Ok(Vec::new());
    }
    let travels = |name: &str| prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(&**prefix));
    let names = reader.names(path).map_err(at(path))?.into_iter().filter(|name| passing.allows(name) && travels(name));
    Ok(names.map(str::to_owned).collect())
}

fn ext(trusted: &Trusted, reader: Reader<'_>) -> Result<Ext, Fault> {
    let mut ext = Ext::new();
    for (name, path) in &trusted.claims.extra {
        if let Some(value) = read::value(reader.claims, path, reader.kind) {
            // Reserved names were refused when the trust was checked.
            ext.insert(&**name, value.clone()).map_err(|_| at(path)(DeniedKind::Claim))?;
        }
    }
    Ok(ext)
}

/// A name that is a text.
fn strict<T: FromStr>(value: &Value) -> Option<T> {
    value.as_str()?.parse().ok()
}

/// A name of the token that is too long or holds control characters.
fn unsound(_: InvalidName) -> DeniedKind {
    DeniedKind::Claim
}
