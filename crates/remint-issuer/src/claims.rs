use remint_core::{Actor, Audience, CredentialRef, Environment, Ext, Grant, IssuerId, Scopes, Stamp};
use serde::Serialize;

/// The claims of an internal token, borrowed from what they are made of. What is absent or empty
/// is left out.
#[derive(Serialize)]
pub(crate) struct InternalClaims<'a> {
    iss: &'a str,
    aud: AudienceClaim<'a>,
    sub: &'a str,
    exp: u64,
    nbf: u64,
    iat: u64,
    jti: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Scopes::is_empty")]
    scope: &'a Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    env: Environment,
    cred: &'a CredentialRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<&'a Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rev: Option<&'a Stamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "is_empty")]
    amr: &'a [String],
    #[serde(skip_serializing_if = "is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "is_empty")]
    groups: &'a [String],
    #[serde(skip_serializing_if = "is_empty")]
    entitlements: &'a [String],
    #[serde(skip_serializing_if = "Ext::is_empty")]
    ext: &'a Ext,
}

/// The claims that do not come from the identity.
pub(crate) struct Frame<'a> {
    pub(crate) issuer: &'a IssuerId,
    pub(crate) audiences: &'a [Audience],
    pub(crate) id: &'a str,
    /// `iat` and `nbf`, in seconds.
    pub(crate) issued_at: u64,
    /// `exp`, in seconds.
    pub(crate) expires_at: u64,
}

impl<'a> InternalClaims<'a> {
    pub(crate) fn new(frame: &Frame<'a>, grant: &Grant<'a>) -> Self {
        let identity = grant.identity;
        Self {
            iss: frame.issuer.as_str(),
            aud: match frame.audiences {
                [one] => AudienceClaim::One(one.as_str()),
                several => AudienceClaim::Several(several),
            },
            sub: identity.subject.as_str(),
            exp: frame.expires_at,
            nbf: frame.issued_at,
            iat: frame.issued_at,
            jti: frame.id,
            client_id: identity.client.as_str(),
            scope: &identity.scopes,
            tenant: identity.tenant.as_ref().map(AsRef::as_ref),
            env: identity.environment,
            cred: &identity.credential,
            sid: identity.session.as_ref().map(AsRef::as_ref),
            act: identity.actor.as_ref(),
            rev: grant.stamp,
            auth_time: identity.auth_time.map(|at| at.as_secs()),
            acr: identity.acr.as_deref(),
            amr: &identity.amr,
            roles: &identity.roles,
            groups: &identity.groups,
            entitlements: &identity.entitlements,
            ext: &identity.ext,
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum AudienceClaim<'a> {
    One(&'a str),
    Several(&'a [Audience]),
}

fn is_empty(list: &[String]) -> bool {
    list.is_empty()
}
