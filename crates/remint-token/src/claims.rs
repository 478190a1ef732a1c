use remint_core::{
    Actor, Audience, CredentialRef, Environment, Ext, IssuerId, MayAct, MintRequest, Scopes, Stamp, Timestamp, TokenId,
};
use serde::Serialize;

/// The claims of an internal token, borrowed from what they are made of. What is absent or empty
/// is left out.
#[derive(Debug, Serialize)]
pub struct InternalClaims<'a> {
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
    may_act: Option<&'a MayAct>,
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
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// `iss`.
    pub issuer: &'a IssuerId,
    /// `aud`: a text if there is one, else an array.
    pub audiences: &'a [Audience],
    /// `jti`.
    pub id: &'a TokenId,
    /// `iat` and `nbf`, in whole seconds.
    pub issued_at: Timestamp,
    /// `exp`, in whole seconds.
    pub expires_at: Timestamp,
}

impl<'a> InternalClaims<'a> {
    /// The claims of a token with this frame that says what `request` says.
    #[must_use]
    pub fn new(frame: &Frame<'a>, request: &MintRequest<'a>) -> Self {
        let identity = request.identity;
        Self {
            iss: frame.issuer.as_str(),
            aud: match frame.audiences {
                [one] => AudienceClaim::One(one.as_str()),
                several => AudienceClaim::Several(several),
            },
            sub: identity.subject.as_str(),
            exp: frame.expires_at.as_secs(),
            nbf: frame.issued_at.as_secs(),
            iat: frame.issued_at.as_secs(),
            jti: frame.id.as_str(),
            client_id: identity.client.as_str(),
            scope: &identity.scopes,
            tenant: identity.tenant.as_ref().map(AsRef::as_ref),
            env: identity.environment,
            cred: &identity.credential,
            sid: identity.session.as_ref().map(AsRef::as_ref),
            act: identity.actor.as_ref(),
            may_act: identity.may_act.as_ref(),
            rev: request.stamp,
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

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AudienceClaim<'a> {
    One(&'a str),
    Several(&'a [Audience]),
}

fn is_empty(list: &[String]) -> bool {
    list.is_empty()
}
