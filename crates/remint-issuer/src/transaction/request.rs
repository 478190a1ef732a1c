use remint_core::{Audience, ClientId, Identity, Scopes, Timestamp, Verified};
use remint_token::{Transaction, TransactionContext};

/// What a transaction token is to say: a request for one whose subject token was verified (§ "Txn-Token
/// Request").
///
/// Whether the requester may ask for this at all is the caller's to decide (§ "TTS Issuance Policies").
#[derive(Debug, Clone)]
pub struct TransactionMintRequest<'a> {
    /// Of whom, with all the scopes that the subject token has.
    pub identity: &'a Identity,
    /// The latest `exp` it may have: the end of what it comes from.
    pub not_after: Timestamp,
    /// Who asks: the client that authenticated at the token endpoint.
    pub requester: &'a ClientId,
    /// The parameter `audience`: the trust domain.
    pub audience: &'a Audience,
    /// The parameter `scope`.
    pub scopes: &'a Scopes,
    /// The parameter `request_context`: becomes `rctx`.
    pub request_context: Option<TransactionContext>,
    /// The parameter `request_details`: becomes `tctx`.
    pub request_details: Option<TransactionContext>,
}

/// What a transaction token is to say in whose place another one goes.
#[derive(Debug, Clone)]
pub struct TransactionReplacement<'a> {
    /// What the present one says.
    pub transaction: &'a Verified<Transaction>,
    /// Who asks.
    pub requester: &'a ClientId,
    /// The parameter `audience`: the trust domain.
    pub audience: &'a Audience,
    /// The parameter `scope`: some of the present scopes; `None`: all of them.
    pub scopes: Option<&'a Scopes>,
    /// The parameter `request_context`: members besides those that are there.
    pub request_context: Option<TransactionContext>,
    /// The parameter `request_details`: none, or the same as they are.
    pub request_details: Option<TransactionContext>,
}
