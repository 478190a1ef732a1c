use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{Unavailable, UnavailableKind};

/// Why an endpoint gave nothing. Nothing of the request and nothing of the answer's body is in it but
/// the error code, and that only if it is a registered one.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EndpointError {
    /// The server answered, and refused.
    #[error(transparent)]
    Refused(#[from] OAuthError),
    /// There is no answer that could be used.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl EndpointError {
    /// The same as an outage of that part of ours, where the caller is not to blame.
    #[must_use]
    pub fn into_unavailable(self, kind: UnavailableKind) -> Unavailable {
        let retry_after = match &self {
            Self::Refused(_) => SOON,
            Self::Failed(failure) => failure.retry_after.max(SOON),
        };
        Unavailable::new(kind).with_retry_after(retry_after).with_source(self)
    }

    /// The error code, where the server named a registered one.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(refused) => Some(refused.code),
            Self::Failed(failure) => failure.code,
        }
    }

    /// The outcome's name in metrics and logs.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Failed(failure) => failure.kind.outcome(),
        }
    }
}

/// An error answer of the server (RFC 6749 §5.2, RFC 8693 §2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server answered {code} with status {status}")]
pub struct OAuthError {
    code: ErrorCode,
    status: u16,
}

impl OAuthError {
    pub(crate) const fn new(code: ErrorCode, status: u16) -> Self {
        Self { code, status }
    }

    /// What it said.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }
}

/// The `error` of an error answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `invalid_request`; for RFC 8693 also a subject token that is not valid (§2.2.2).
    InvalidRequest,
    /// `invalid_client`.
    InvalidClient,
    /// `invalid_grant`.
    InvalidGrant,
    /// `unauthorized_client`.
    UnauthorizedClient,
    /// `unsupported_grant_type`.
    UnsupportedGrantType,
    /// `invalid_scope`.
    InvalidScope,
    /// `invalid_target` (RFC 8693 §2.2.2, RFC 8707 §2).
    InvalidTarget,
    /// `temporarily_unavailable` (RFC 6749 §4.1.2.1).
    TemporarilyUnavailable,
    /// `server_error` (RFC 6749 §4.1.2.1).
    ServerError,
    /// `slow_down` (RFC 8628 §3.5).
    SlowDown,
    /// Another one. Its text is not kept: the server may have put anything there.
    Other,
}

impl ErrorCode {
    pub(crate) fn read(text: &str) -> Self {
        match text {
            "invalid_request" => Self::InvalidRequest,
            "invalid_client" => Self::InvalidClient,
            "invalid_grant" => Self::InvalidGrant,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_grant_type" => Self::UnsupportedGrantType,
            "invalid_scope" => Self::InvalidScope,
            "invalid_target" => Self::InvalidTarget,
            "temporarily_unavailable" => Self::TemporarilyUnavailable,
            "server_error" => Self::ServerError,
            "slow_down" => Self::SlowDown,
            _ => Self::Other,
        }
    }

    /// The code's text; `other` for one that is not known here.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
            Self::SlowDown => "slow_down",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why there is no answer that could be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}{}", kind.text(), Part(*part))]
pub struct Failure {
    kind: FailureKind,
    code: Option<ErrorCode>,
    part: Option<UnavailableKind>,
    retry_after: Duration,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Failure {
    pub(crate) const fn new(kind: FailureKind) -> Self {
        Self { kind, code: None, part: None, retry_after: Duration::ZERO, source: None }
    }

    pub(crate) fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    pub(crate) const fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = retry_after;
        self
    }

    pub(crate) const fn with_code(mut self, code: Option<ErrorCode>) -> Self {
        self.code = code;
        self
    }

    pub(crate) const fn with_part(mut self, part: Option<UnavailableKind>) -> Self {
        self.part = part;
        self
    }

    /// Whether the server answered, with whatever: then it is there.
    pub(crate) const fn is_answered(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::Unavailable(_)
                | FailureKind::TooManyRequests
                | FailureKind::TooLarge
                | FailureKind::Status(400..500)
        )
    }

    /// Why.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Which of its parts the server said is unavailable, if it said so: one of ours does.
    #[must_use]
    pub const fn part(&self) -> Option<UnavailableKind> {
        self.part
    }

    /// When it is worth asking again, as far as that is known; else zero.
    #[must_use]
    pub const fn retry_after(&self) -> Duration {
        self.retry_after
    }
}

/// The kinds of [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The breaker is open: the server has failed too often in a row, and was not asked.
    BreakerOpen,
    /// The server's metadata does not say where the endpoint is, or cannot be had.
    Discovery,
    /// The endpoint's address is neither `https` nor loopback `http`.
    Forbidden,
    /// No connection, or one that broke.
    Transport,
    /// No whole answer before the deadline.
    Timeout,
    /// The answer is over the limit.
    TooLarge,
    /// 429: we ask too much.
    TooManyRequests,
    /// The server answered with this registered error and a status of 500 or more: it is there, and cannot
    /// do what it was asked.
    Unavailable(ErrorCode),
    /// Another status than the protocol's.
    Status(u16),
    /// The answer is not one JSON object with its content type, or not what the protocol says.
    Malformed,
    /// Our own credentials cannot be used: no key, no randomness, an unreadable file.
    Credentials,
}

impl FailureKind {
    /// The kind's name in metrics and logs.
    #[must_use]
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::BreakerOpen => "breaker_open",
            Self::Discovery => "discovery",
            Self::Forbidden => "forbidden",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::TooManyRequests => "too_many_requests",
            Self::Unavailable(code) => code.as_str(),
            Self::Status(_) => "status",
            Self::Malformed => "malformed",
            Self::Credentials => "credentials",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::BreakerOpen => "the server has failed too often and is left alone for a while",
            Self::Discovery => "the server's metadata does not lead to the endpoint",
            Self::Forbidden => "the endpoint's address is neither https nor loopback http",
            Self::Transport => "the connection to the server failed",
            Self::Timeout => "the server did not answer in time",
            Self::TooLarge => "the server's answer is too large",
            Self::TooManyRequests => "the server wants fewer requests",
            Self::Unavailable(_) => "the server answered that it cannot do this now",
            Self::Status(_) => "the server's answer has a status that says nothing",
            Self::Malformed => "the server's answer cannot be read",
            Self::Credentials => "our credentials cannot be used",
        }
    }
}

/// What the server said is unavailable, for the log.
struct Part(Option<UnavailableKind>);

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(part) => write!(f, " (unavailable there: {})", part.reason()),
            None => Ok(()),
        }
    }
}

/// The shortest `Retry-After`.
const SOON: Duration = Duration::from_secs(1);
