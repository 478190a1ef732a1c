use remint_token::TransactionContext;

use crate::error::OAuthError;
use crate::form::Form;

/// What the request says about the transaction that begins or goes on
/// (draft-ietf-oauth-transaction-tokens, § "Txn-Token Request"). It is the client's word and no more.
pub(crate) struct TransactionDetails {
    /// `request_context`.
    pub(crate) context: Option<TransactionContext>,
    /// `request_details`.
    pub(crate) details: Option<TransactionContext>,
}

impl TransactionDetails {
    pub(super) fn parse(form: &Form) -> Result<Self, OAuthError> {
        Ok(Self { context: object(form, "request_context")?, details: object(form, "request_details")? })
    }
}

/// A JSON object, bounded.
fn object(form: &Form, name: &str) -> Result<Option<TransactionContext>, OAuthError> {
    let parsed = form.optional(name).map(|text| TransactionContext::parse(text.as_bytes())).transpose();
    parsed.map_err(|_| OAuthError::invalid_request("the context of the transaction is no JSON object, or too large"))
}
