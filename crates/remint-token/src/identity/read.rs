use remint_core::{Actor, Denied, DeniedKind, Ext, Identity, Parents, Scopes};
use remint_jwt::Claims;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The identity that an internal token's claims spell: the inverse of what the issuer wrote.
///
/// `sub`, `env`, `client_id` and `cred` must be there, and so tell an internal token from any other
/// that the same key may have signed. Claims of other names are passed over.
///
/// # Errors
///
/// [`DeniedKind::Claim`] if one is missing or not what it must be, or the chain of actors is longer than
/// [`Actor::MAX_CHAIN`], or there are more than [`Parents::MAX`] parents; `null` is not absence.
pub fn identity(claims: Claims) -> Result<Identity, Denied> {
    let auth_time = claims.timestamp("auth_time").map_err(|_| DeniedKind::Claim)?;
    let mut claims = Members(claims.into_map());
    // A literal, so that a new member does not compile until it is said where it comes from.
    let identity = Identity {
        subject: claims.required("sub")?,
        environment: claims.required("env")?,
        client: claims.required("client_id")?,
        credential: claims.required("cred")?,
        tenant: claims.optional("tenant")?,
        scopes: scopes(claims.optional("scope")?)?,
        session: claims.optional("sid")?,
        actor: claims.optional("act")?,
        may_act: claims.optional("may_act")?,
        parents: parents(&mut claims)?,
        auth_time,
        acr: claims.optional("acr")?,
        amr: claims.optional("amr")?.unwrap_or_default(),
        roles: claims.optional("roles")?.unwrap_or_default(),
        groups: claims.optional("groups")?.unwrap_or_default(),
        entitlements: claims.optional("entitlements")?.unwrap_or_default(),
        ext: Ext::try_from(claims.optional::<Map<_, _>>("ext")?.unwrap_or_default()).map_err(|_| DeniedKind::Claim)?,
        // No claim carries these.
        plan: None,
        credential_ends: None,
        confirmation: None,
    };
    if identity.actor.iter().flat_map(Actor::chain).count() > Actor::MAX_CHAIN {
        return Err(DeniedKind::Claim.into());
    }
    Ok(identity)
}

/// They come from the issuer of the token.
fn parents(claims: &mut Members) -> Result<Option<Parents>, Denied> {
    let Some(ids) = claims.optional("parents")? else { return Ok(None) };
    let parents = Parents::new(claims.required("iss")?, ids);
    parents.map(Some).ok_or_else(|| DeniedKind::Claim.into())
}

pub(crate) struct Members(pub(crate) Map<String, Value>);

impl Members {
    pub(crate) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Denied> {
        self.optional(name)?.ok_or_else(|| DeniedKind::Claim.into())
    }

    pub(crate) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Denied> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        // An `Option` inside would read `null` as absence.
        match value {
            Value::Null => Err(DeniedKind::Claim.into()),
            value => serde_json::from_value(value).map(Some).map_err(|_| DeniedKind::Claim.into()),
        }
    }
}

/// One string of scope tokens (RFC 9068 §2.2.3, RFC 8693 §4.2).
fn scopes(scope: Option<String>) -> Result<Scopes, Denied> {
    scope.map_or_else(|| Ok(Scopes::new()), |text| text.parse().map_err(|_| DeniedKind::Claim.into()))
}
