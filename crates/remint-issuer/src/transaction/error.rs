use remint_core::Unavailable;
use remint_token::ContextError;

/// Why there is no transaction token.
///
/// | error | code at the token endpoint |
/// | --- | --- |
/// | `TrustDomain` | `invalid_target` (RFC 8693 §2.2.2) |
/// | `Scope` | `invalid_scope` (RFC 6749 §5.2) |
/// | `Details`, `Context`, `Chain`, `Ended`, `TooLong` | `invalid_request` (RFC 8693 §2.2.2) |
/// | `Unavailable` | none: an outage of ours, 503 |
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// The audience is not the trust domain.
    #[error("the audience is not the trust domain")]
    TrustDomain,
    /// No scope was asked for, or one that the subject token does not have. An unknown scope is not any
    /// scope (§ "Unknown `subject_token` scope").
    #[error("the scope is empty, or not all of it is the subject token's")]
    Scope,
    /// The details of a transaction never change.
    #[error("the details of a transaction cannot be replaced")]
    Details,
    /// The context of a transaction may grow, but not change.
    #[error("the context of the transaction cannot be extended so")]
    Context(#[from] ContextError),
    /// The token was replaced too often.
    #[error("the token was replaced too often")]
    Chain,
    /// What the token comes from has ended.
    #[error("the subject token has ended")]
    Ended,
    /// It would be longer than services accept; the log names the claim that takes most of it.
    #[error("the transaction token would be too long")]
    TooLong,
    /// It cannot be signed now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
