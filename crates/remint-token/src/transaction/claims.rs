use remint_core::{Actor, ClientId, CredentialRef, Environment, Ext, IssuerId, Scopes};
use serde::Serialize;

use super::{Transaction, TransactionContext};

/// The claims of a transaction token, borrowed from what they are made of. What is optional and absent or
/// empty is left out.
///
/// Who the caller is, who acts for them and how they came (`act`, `tenant`, `env`, `cred` and the rest)
/// are claims beside the draft's own (§ "JWT Body Claims": a token may have others, and who does not know
/// them passes them over), under the names that they have in an internal token. They are not
/// in `tctx`, because its members are the requester's: a requester could name one `act`. `act` is where
/// RFC 8693 §4.1 says it is, so that a reader who knows nothing of us finds it.
#[derive(Debug, Serialize)]
pub struct TransactionClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
    txn: &'a str,
    sub: &'a str,
    scope: &'a Scopes,
    req_wl: &'a str,
    /// The draft leaves to us how the chain is kept (§ "Txn-Token as a `subject_token`").
    #[serde(skip_serializing_if = "is_empty")]
    req_wl_chain: &'a [ClientId],
    #[serde(skip_serializing_if = "TransactionContext::is_empty")]
    rctx: &'a TransactionContext,
    #[serde(skip_serializing_if = "TransactionContext::is_empty")]
    tctx: &'a TransactionContext,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    env: Environment,
    cred: &'a CredentialRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<&'a Actor>,
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

impl<'a> TransactionClaims<'a> {
    /// The claims by which this issuer states this transaction.
    #[must_use]
    pub fn new(issuer: &'a IssuerId, transaction: &'a Transaction) -> Self {
        let identity = &transaction.identity;
        Self {
            iss: issuer.as_str(),
            aud: transaction.trust_domain.as_str(),
            iat: transaction.issued_at.as_secs(),
            exp: transaction.expires_at.as_secs(),
            txn: transaction.id.as_str(),
            sub: identity.subject.as_str(),
            scope: &identity.scopes,
            req_wl: transaction.requester.as_str(),
            req_wl_chain: &transaction.earlier_requesters,
            rctx: &transaction.request_context,
            tctx: &transaction.request_details,
            client_id: identity.client.as_str(),
            tenant: identity.tenant.as_ref().map(AsRef::as_ref),
            env: identity.environment,
            cred: &identity.credential,
            sid: identity.session.as_ref().map(AsRef::as_ref),
            act: identity.actor.as_ref(),
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

const fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
}
