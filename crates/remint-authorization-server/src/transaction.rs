use remint_core::{Audience, Authentication, DeniedKind, Refusal, Timestamp, Verified};
use remint_issuer::{
    Transaction, TransactionContext, TransactionError, TransactionMintRequest, TransactionReplacement, TransactionToken,
};
use remint_normalize::Narrowed;

use crate::client::Client;
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::server::Server;

/// The transaction that a token stands for which is to be replaced: it verifies, and nothing that it names
/// was ended since it was made.
pub(crate) fn presented(server: &Server, text: &str) -> Result<Verified<Transaction>, Refusal> {
    let Some(transactions) = &server.transactions else { return Err(DeniedKind::TokenType.into()) };
    let transaction = transactions.verify(text)?;
    let Transaction { identity, issued_at, .. } = transaction.get();
    if server.authority.table().ended(&identity.targets(), *issued_at) {
        return Err(DeniedKind::Revoked.into());
    }
    Ok(transaction)
}

/// Who it is of, and until when.
pub(crate) fn authentication(transaction: &Transaction) -> Authentication {
    Authentication::new(transaction.identity.clone(), transaction.issued_at, transaction.expires_at)
}

/// What the request says of the transaction beside the subject: all of it is in the form, and nothing of it
/// is believed to be more than the client's word.
pub(crate) struct Asked<'a> {
    pub(crate) client: &'a Client,
    pub(crate) audience: &'a Audience,
    pub(crate) form: &'a Form,
}

/// Mints a transaction token, or one in place of another (draft-ietf-oauth-transaction-tokens).
pub(crate) async fn issue(
    server: &Server,
    asked: &Asked<'_>,
    (narrowed, not_after): (&Narrowed, Timestamp),
    replaced: Option<&Verified<Transaction>>,
) -> Result<TransactionToken, OAuthError> {
    let Some(transactions) = &server.transactions else {
        return Err(OAuthError::invalid_request("tokens of the requested type are not issued"));
    };
    let (request_context, request_details) =
        (context(asked.form, "request_context")?, context(asked.form, "request_details")?);
    let (requester, audience) = (&asked.client.id, asked.audience);
    let (identity, restricted) = (narrowed.identity(), narrowed.authentication().restricted);
    let minted = match replaced {
        None => {
            let request = TransactionMintRequest {
                identity,
                not_after,
                requester,
                audience,
                scopes: &identity.scopes,
                request_context,
                request_details,
            };
            transactions.mint(&request).await
        }
        Some(transaction) => {
            let scopes =
                (restricted || identity.scopes != transaction.get().identity.scopes).then_some(&identity.scopes);
            let replacement =
                TransactionReplacement { transaction, requester, audience, scopes, request_context, request_details };
            transactions.replace(&replacement).await
        }
    };
    minted.map_err(refused)
}

/// A JSON object, bounded.
fn context(form: &Form, name: &str) -> Result<Option<TransactionContext>, OAuthError> {
    let parsed = form.optional(name).map(|text| TransactionContext::parse(text.as_bytes())).transpose();
    parsed.map_err(|_| OAuthError::invalid_request("the context of the transaction is no JSON object, or too large"))
}

fn refused(error: TransactionError) -> OAuthError {
    match error {
        TransactionError::TrustDomain => {
            OAuthError::Refused(Code::InvalidTarget, "the audience of a transaction token is the trust domain")
        }
        TransactionError::Scope => OAuthError::Refused(Code::InvalidScope, "a transaction token needs a scope"),
        TransactionError::Unavailable(unavailable) => unavailable.into(),
        _ => OAuthError::invalid_request("the transaction cannot be continued so"),
    }
}
