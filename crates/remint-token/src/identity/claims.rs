use remint_core::{Actor, CredentialRef, Environment, Ext, Identity, MayAct, Parents, Scopes, TokenId};
use serde::Serialize;

/// The names of [`IdentityClaims`], all of them: what an internal token may say of an identity, and what
/// introspection repeats of it (RFC 7662 §2.2, RFC 8693 §4, RFC 9068 §2.2, and our own).
pub const IDENTITY_CLAIMS: [&str; 17] = [
    "sub",
    "client_id",
    "scope",
    "tenant",
    "env",
    "cred",
    "sid",
    "act",
    "may_act",
    "parents",
    "auth_time",
    "acr",
    "amr",
    "roles",
    "groups",
    "entitlements",
    "ext",
];

/// The claims that come from an identity, borrowed from it. What is absent or empty is left out.
/// [`identity`](super::identity) is the inverse.
#[derive(Debug, Serialize)]
pub struct IdentityClaims<'a> {
    sub: &'a str,
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
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    parents: &'a [TokenId],
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

impl<'a> From<&'a Identity> for IdentityClaims<'a> {
    /// It names every member, so that a new one does not compile until it is a claim or, like those at the end,
    /// known at the edge only.
    fn from(identity: &'a Identity) -> Self {
        let Identity {
            subject,
            tenant,
            environment,
            scopes,
            client,
            credential,
            session,
            actor,
            may_act,
            parents,
            auth_time,
            acr,
            amr,
            roles,
            groups,
            entitlements,
            ext,
            plan: _,
            credential_ends: _,
            confirmation: _,
        } = identity;
        Self {
            sub: subject.as_str(),
            client_id: client.as_str(),
            scope: scopes,
            tenant: tenant.as_ref().map(AsRef::as_ref),
            env: *environment,
            cred: credential,
            sid: session.as_ref().map(AsRef::as_ref),
            act: actor.as_ref(),
            may_act: may_act.as_ref(),
            parents: parents.as_ref().map_or(&[], Parents::ids),
            auth_time: auth_time.map(|at| at.as_secs()),
            acr: acr.as_deref(),
            amr,
            roles,
            groups,
            entitlements,
            ext,
        }
    }
}

impl IdentityClaims<'_> {
    /// The same without `may_act`.
    pub(crate) fn without_may_act(self) -> Self {
        Self { may_act: None, ..self }
    }
}

const fn is_empty(list: &[String]) -> bool {
    list.is_empty()
}
