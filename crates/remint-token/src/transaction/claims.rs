use remint_core::{ClientId, IssuerId};
use serde::Serialize;

use super::{Transaction, TransactionContext};
use crate::IdentityClaims;

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
    req_wl: &'a str,
    /// The draft leaves to us how the chain is kept (§ "Txn-Token as a `subject_token`").
    #[serde(skip_serializing_if = "is_empty")]
    req_wl_chain: &'a [ClientId],
    #[serde(skip_serializing_if = "TransactionContext::is_empty")]
    rctx: &'a TransactionContext,
    #[serde(skip_serializing_if = "TransactionContext::is_empty")]
    tctx: &'a TransactionContext,
    #[serde(flatten)]
    identity: IdentityClaims<'a>,
}

impl<'a> TransactionClaims<'a> {
    /// The claims by which this issuer states this transaction.
    #[must_use]
    pub fn new(issuer: &'a IssuerId, transaction: &'a Transaction) -> Self {
        Self {
            iss: issuer.as_str(),
            aud: transaction.trust_domain.as_str(),
            iat: transaction.issued_at.as_secs(),
            exp: transaction.expires_at.as_secs(),
            txn: transaction.id.as_str(),
            req_wl: transaction.requester.as_str(),
            req_wl_chain: &transaction.earlier_requesters,
            rctx: &transaction.request_context,
            tctx: &transaction.request_details,
            identity: IdentityClaims::from(&transaction.identity).without_may_act(),
        }
    }
}

const fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
}
