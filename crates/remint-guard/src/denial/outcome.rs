use std::time::Duration;

use http::StatusCode;
use remint_core::{DeniedClass, Refusal};

/// All that a response may depend on: no kind, no reason, nothing of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The caller's fault.
    Denied(DeniedClass),
    /// The caller's, for now: too many of their credentials failed.
    TooManyFailures,
    /// The caller's, for now: a quota is used up.
    QuotaExceeded(Duration),
    /// Ours, for now.
    Unavailable(Duration),
    /// A defect of ours, which trying again does not cure.
    Defect,
}

impl Outcome {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Denied(class) => class.status(),
            Self::TooManyFailures | Self::QuotaExceeded(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) const fn code(self) -> Option<&'static str> {
        match self {
            Self::Denied(class) => class.code(),
            Self::TooManyFailures | Self::QuotaExceeded(_) | Self::Unavailable(_) | Self::Defect => None,
        }
    }

    /// The problem document (RFC 9457 §3) with the code of RFC 6750 §3.1 as `error`.
    pub(super) const fn problem(self) -> &'static str {
        match self {
            Self::Denied(DeniedClass::InvalidRequest) => {
                r#"{"type":"about:blank","title":"Bad Request","status":400,"error":"invalid_request"}"#
            }
            Self::Denied(DeniedClass::NoCredential) => r#"{"type":"about:blank","title":"Unauthorized","status":401}"#,
            Self::Denied(DeniedClass::InvalidToken) => {
                r#"{"type":"about:blank","title":"Unauthorized","status":401,"error":"invalid_token"}"#
            }
            Self::Denied(DeniedClass::InvalidDpopProof) => {
                r#"{"type":"about:blank","title":"Unauthorized","status":401,"error":"invalid_dpop_proof"}"#
            }
            Self::Denied(DeniedClass::UseDpopNonce) => {
                r#"{"type":"about:blank","title":"Unauthorized","status":401,"error":"use_dpop_nonce"}"#
            }
            Self::Denied(DeniedClass::InsufficientScope) => {
                r#"{"type":"about:blank","title":"Forbidden","status":403,"error":"insufficient_scope"}"#
            }
            Self::TooManyFailures | Self::Denied(DeniedClass::TooManyFailures) => {
                r#"{"type":"about:blank","title":"Too Many Requests","status":429}"#
            }
            Self::QuotaExceeded(_) => {
                r#"{"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","title":"Request cannot be satisfied as assigned quota has been exceeded","status":429}"#
            }
            Self::Unavailable(_) => r#"{"type":"about:blank","title":"Service Unavailable","status":503}"#,
            Self::Defect => r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#,
        }
    }

    /// `UNAUTHENTICATED`, `PERMISSION_DENIED`, `RESOURCE_EXHAUSTED`, `UNAVAILABLE` or `INTERNAL` of gRPC.
    pub(super) const fn grpc_status(self) -> &'static str {
        match self {
            Self::Denied(DeniedClass::InsufficientScope) => "7",
            Self::TooManyFailures | Self::Denied(DeniedClass::TooManyFailures) | Self::QuotaExceeded(_) => "8",
            Self::Denied(_) => "16",
            Self::Unavailable(_) => "14",
            Self::Defect => "13",
        }
    }

    /// Printable ASCII without `%`, so that it needs no percent-encoding.
    pub(super) const fn grpc_message(self) -> &'static str {
        match self {
            Self::Denied(DeniedClass::NoCredential) => "unauthenticated",
            Self::Denied(DeniedClass::InvalidRequest) => "invalid_request",
            Self::Denied(DeniedClass::InvalidToken) => "invalid_token",
            Self::Denied(DeniedClass::InvalidDpopProof) => "invalid_dpop_proof",
            Self::Denied(DeniedClass::UseDpopNonce) => "use_dpop_nonce",
            Self::Denied(DeniedClass::InsufficientScope) => "insufficient_scope",
            Self::TooManyFailures | Self::Denied(DeniedClass::TooManyFailures) => "too_many_failures",
            Self::QuotaExceeded(_) => "quota_exceeded",
            Self::Unavailable(_) => "unavailable",
            Self::Defect => "internal",
        }
    }

    /// `Retry-After`, in whole seconds (RFC 9110 §10.2.3): rounded up, at least one.
    pub(super) fn retry_after(self) -> Option<u64> {
        let after = match self {
            Self::Unavailable(after) | Self::QuotaExceeded(after) => after,
            // They are counted by the minute.
            Self::TooManyFailures => Duration::from_secs(60),
            Self::Denied(_) | Self::Defect => return None,
        };
        let up = u64::from(after.subsec_nanos() > 0);
        Some(after.as_secs().saturating_add(up).max(1))
    }
}

impl From<&Refusal> for Outcome {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Denied(denied) => match denied.kind().class() {
                DeniedClass::TooManyFailures => Self::TooManyFailures,
                class => Self::Denied(class),
            },
            Refusal::Unavailable(unavailable) => Self::Unavailable(unavailable.retry_after()),
        }
    }
}
