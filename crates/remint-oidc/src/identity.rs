use remint_core::{
    ClientId, CredentialRef, DeniedKind, Ext, Identity, InvalidName, IssuerId, Scopes, SessionId, Subject, TenantId,
    TokenDigest, TokenId,
};
use remint_jwt::Claims;

use crate::allow::{Allowed, Tenants};
use crate::token_type::Kind;
use crate::trusted::Trusted;
use crate::{actor, check, id_token, read};

/// What a token's claims say about the caller, as far as its issuer may say it. The claims must
/// have been verified. `digest` names the token where its claims do not.
pub(crate) fn read(
    trusted: &Trusted,
    claims: &Claims,
    kind: Kind,
    (issuer, digest): (IssuerId, TokenDigest),
    own: &IssuerId,
) -> Result<Identity, DeniedKind> {
    let sub = claims.subject()?;
    let mapped = read::text(claims, &trusted.claims.subject)?.ok_or(DeniedKind::Claim)?;
    let subject = Subject::new([&trusted.name, "|", mapped].concat()).map_err(unsound)?;
    let (client, scopes) = match kind {
        Kind::AccessToken => (check::first_client(trusted, claims), scopes(trusted, claims)?),
        Kind::IdToken => (id_token::client(claims), Scopes::new()),
    };
    let client = ClientId::new(client.unwrap_or(sub)).map_err(unsound)?;
    let tenant = tenant(trusted, claims, issuer.as_str())?;
    let actor = actor::read(claims.get("act"), &issuer, own)?;
    let may_act = actor::may_act(claims.get("may_act"), &issuer)?;
    let id = read::text(claims, "jti")?.map(TokenId::new).transpose().map_err(unsound)?;
    let credential = CredentialRef::jwt(issuer, Subject::new(sub).map_err(unsound)?, id, digest);
    Ok(Identity {
        tenant,
        scopes,
        session: read::text(claims, "sid")?.map(SessionId::new).transpose().map_err(unsound)?,
        actor,
        may_act,
        auth_time: claims.timestamp("auth_time")?,
        acr: read::text(claims, "acr")?.map(str::to_owned),
        amr: read::owned_texts(claims, "amr")?,
        // Entitlements are for our own store and enrichers to give.
        roles: allowed(claims, &trusted.claims.roles, &trusted.roles)?,
        groups: allowed(claims, &trusted.claims.groups, &trusted.groups)?,
        ext: ext(trusted, claims)?,
        ..Identity::new(subject, trusted.environment, client, credential)
    })
}

/// The tenant, as far as this issuer may speak for one. A template issuer's own tenant must be the
/// one that the token names.
fn tenant(trusted: &Trusted, claims: &Claims, issuer: &str) -> Result<Option<TenantId>, DeniedKind> {
    let of_issuer = trusted.pattern.matches(issuer).flatten();
    let default = if trusted.pattern.is_template() { "tid" } else { "org_id" };
    let path = trusted.claims.tenant.as_deref().unwrap_or(default);
    let of_token = match &trusted.tenants {
        Tenants::Nobody => return Ok(None),
        Tenants::Fixed(tenant) => return TenantId::new(&**tenant).map(Some).map_err(unsound),
        Tenants::Listed(_) | Tenants::Any => read::text(claims, path)?,
    };
    if of_issuer.is_some() && of_issuer != of_token {
        return Err(DeniedKind::Tenant);
    }
    let Some(tenant) = of_token else { return Ok(None) };
    if let Tenants::Listed(allowed) = &trusted.tenants
        && !allowed.iter().any(|allowed| **allowed == *tenant)
    {
        return Err(DeniedKind::Tenant);
    }
    TenantId::new(tenant).map(Some).map_err(unsound)
}

fn scopes(trusted: &Trusted, claims: &Claims) -> Result<Scopes, DeniedKind> {
    let mut passing = Vec::new();
    for path in &trusted.claims.scopes {
        let texts = read::texts(claims, path)?;
        let tokens = texts.into_iter().flat_map(|text| text.split(' ')).filter(|token| !token.is_empty());
        passing.extend(tokens.filter(|token| trusted.scopes.allows(token)));
    }
    Scopes::try_from_iter(passing).map_err(|_| DeniedKind::Claim)
}

/// Those of the texts at `path` that pass. Where none can, nothing is read: what stands there is no concern of ours.
fn allowed(claims: &Claims, path: &str, passing: &Allowed) -> Result<Vec<String>, DeniedKind> {
    if passing.is_none() {
        return Ok(Vec::new());
    }
    let mut texts = read::owned_texts(claims, path)?;
    texts.retain(|text| passing.allows(text));
    Ok(texts)
}

fn ext(trusted: &Trusted, claims: &Claims) -> Result<Ext, DeniedKind> {
    let mut ext = Ext::new();
    for (name, path) in &trusted.claims.extra {
        if let Some(value) = claims.path(path) {
            // Reserved names were refused when the trust was checked.
            ext.insert(&**name, value.clone()).map_err(|_| DeniedKind::Claim)?;
        }
    }
    Ok(ext)
}

/// A name of the token that is too long or holds control characters.
fn unsound(_: InvalidName) -> DeniedKind {
    DeniedKind::Claim
}
