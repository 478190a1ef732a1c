use remint_core::{Audience, Authentication, ClientId, DeniedKind, Refusal, Timestamp, Verified};
use remint_issuer::{Transaction, TransactionError, TransactionMintRequest, TransactionReplacement, TransactionToken};
use remint_normalize::Narrowed;

use crate::error::{Code, OAuthError};
use crate::request::TransactionDetails;
use crate::server::Server;

/// The transaction that a token stands for which is to be replaced: it verifies, and nothing that it names
/// was ended since it was made.
pub(crate) async fn verified(server: &Server, text: &str) -> Result<Verified<Transaction>, Refusal> {
    let Some(transactions) = &server.transactions else { return Err(DeniedKind::TokenType.into()) };
    let transaction = transactions.verify(text)?;
    let Transaction { identity, issued_at, .. } = transaction.get();
    if server.authority.revocations().ended(&identity.targets(), *issued_at).await? {
        return Err(DeniedKind::Revoked.into());
    }
    Ok(transaction)
}

/// Who it is of, and until when.
pub(crate) fn authentication(transaction: &Transaction) -> Authentication {
    Authentication::new(transaction.identity.clone(), transaction.issued_at, transaction.expires_at)
}

/// Mints a transaction token, or one in place of another (draft-ietf-oauth-transaction-tokens).
pub(crate) async fn issue(
    server: &Server,
    (requester, audience): (&ClientId, &Audience),
    (narrowed, not_after): (&Narrowed, Timestamp),
    details: Result<TransactionDetails, OAuthError>,
    replaced: Option<&Verified<Transaction>>,
) -> Result<TransactionToken, OAuthError> {
    let Some(transactions) = &server.transactions else {
        return Err(OAuthError::invalid_request("tokens of the requested type are not issued"));
    };
    let TransactionDetails { context: request_context, details: request_details } = details?;
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

fn refused(error: TransactionError) -> OAuthError {
    match error {
        TransactionError::TrustDomain => {
            OAuthError::Refused(Code::InvalidTarget, "the audience of a transaction token is the trust domain")
        }
        TransactionError::Scope => OAuthError::Refused(Code::InvalidScope, "a transaction token needs a scope"),
        TransactionError::TooLong => {
            OAuthError::invalid_request("the transaction token would be too long: it has too many claims")
        }
        TransactionError::Unavailable(unavailable) => unavailable.into(),
        _ => OAuthError::invalid_request("the transaction cannot be continued so"),
    }
}
