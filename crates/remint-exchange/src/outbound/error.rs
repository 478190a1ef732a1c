use remint_core::{Unavailable, UnavailableKind};
use remint_oauth_client::{EndpointError, ErrorCode, OAuthError};

use super::answer::AnswerError;

/// Why an outbound request has no token, and was not sent.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// The source exchanges a caller's token, and none was handed in.
    #[error("no caller's token was handed in for the outbound request")]
    NoCaller,
    /// The server does not exchange the caller's token: it is not valid (any more), or not for this.
    #[error("the caller's token is not exchanged")]
    NotExchanged(#[source] OAuthError),
    /// The source gave a transaction token, which must not be sent as an access token.
    #[error("the token is no access token, and has no place in this header")]
    NoAccessToken,
    /// The request goes to another origin than the layer's: it was redirected, or is for another service.
    #[error("the outbound request goes to another origin than the token is for")]
    OtherOrigin,
    /// There is no token for now.
    #[error("there is no token for the outbound request")]
    Unavailable(#[source] Unavailable),
}

impl OutboundError {
    pub(crate) fn of_exchange(error: EndpointError) -> Self {
        match error {
            EndpointError::Refused(refused)
                if refused.status() == 400
                    && matches!(refused.code(), ErrorCode::InvalidRequest | ErrorCode::InvalidGrant) =>
            {
                Self::NotExchanged(refused)
            }
            other => Self::of_own(other),
        }
    }

    /// Of a request with nothing but our own in it: no caller is to blame.
    pub(crate) fn of_own(error: EndpointError) -> Self {
        Self::Unavailable(error.into_unavailable(UnavailableKind::Issuer))
    }

    pub(crate) fn lost() -> Self {
        Self::Unavailable(Unavailable::new(UnavailableKind::Internal))
    }
}

impl From<AnswerError> for OutboundError {
    fn from(error: AnswerError) -> Self {
        Self::Unavailable(Unavailable::new(UnavailableKind::Issuer).with_source(error))
    }
}
