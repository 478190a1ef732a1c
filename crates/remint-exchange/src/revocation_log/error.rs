use std::error::Error;
use std::sync::Arc;

use remint_core::{Unavailable, UnavailableKind};
use remint_oauth_client::{EndpointError, ErrorCode};

/// Why a server's revocation log is not read: the source of the [`Unavailable`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpLogError {
    /// The server knows this client and does not let it follow its log (403), or has none for others (404).
    #[error("the server does not let this client follow its revocation log (status {0})")]
    NotPermitted(u16),
    /// There is no answer that could be used.
    #[error("the server's revocation log was not read")]
    Failed(#[source] EndpointError),
    /// The answer cannot be believed.
    #[error("the server's answer is not its revocation log: {0}")]
    Malformed(&'static str),
}

impl HttpLogError {
    /// Whether it is the server's word that this client does not follow its log. It is asked again, of course.
    #[must_use]
    pub fn is_not_permitted(unavailable: &Unavailable) -> bool {
        // An outage shares its source, so that it can be cloned.
        let shared = unavailable.source().and_then(|source| source.downcast_ref::<Arc<dyn Error + Send + Sync>>());
        let source = shared.and_then(|source| source.downcast_ref::<Self>());
        matches!(source, Some(Self::NotPermitted(_)))
    }
}

impl From<EndpointError> for HttpLogError {
    fn from(error: EndpointError) -> Self {
        match error {
            // A wrong secret is our own fault, and no word on who may follow: rows would go unheard.
            EndpointError::Refused(refused)
                if matches!(refused.code(), ErrorCode::UnauthorizedClient | ErrorCode::Other) =>
            {
                Self::NotPermitted(refused.status())
            }
            error => Self::Failed(error),
        }
    }
}

impl From<HttpLogError> for Unavailable {
    fn from(error: HttpLogError) -> Self {
        let kind = UnavailableKind::RevocationLog;
        match &error {
            HttpLogError::Failed(failed) => {
                let retry_after = failed.clone().into_unavailable(kind).retry_after();
                Self::new(kind).with_retry_after(retry_after).with_source(error)
            }
            _ => Self::new(kind).with_source(error),
        }
    }
}
