use std::time::Duration;

use http::{HeaderValue, StatusCode};
use remint_core::{DeniedClass, Refusal};
use serde::Serialize;

use crate::{ProblemDocument, Requirements, retry_after};

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

    /// The problem document with the code of RFC 6750 §3.1 as `error`, and with the rights that the route requires where
    /// one of them, or a condition of its own, is not met.
    pub(super) fn problem(self, required: &Requirements) -> ProblemDocument<Members<'_>> {
        let document = ProblemDocument::new(self.status());
        let document = match self {
            Self::QuotaExceeded(_) => document.with_type(QUOTA_EXCEEDED).with_title(QUOTA_EXCEEDED_TITLE),
            _ => document,
        };
        let (roles, entitlements) =
            if self.names_rights() { (required.roles(), required.entitlements()) } else { (&[][..], &[][..]) };
        document.with_members(Members {
            error: self.code(),
            required_roles: roles,
            required_entitlements: entitlements,
        })
    }

    /// Whether the document says which rights the route requires. It says so whichever of them is missing.
    pub(super) const fn names_rights(self) -> bool {
        matches!(self, Self::Denied(DeniedClass::Forbidden))
    }

    /// `UNAUTHENTICATED`, `PERMISSION_DENIED`, `RESOURCE_EXHAUSTED`, `UNAVAILABLE` or `INTERNAL` of gRPC.
    pub(super) const fn grpc_status(self) -> &'static str {
        match self {
            Self::Denied(DeniedClass::InsufficientScope | DeniedClass::Forbidden) => "7",
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
            Self::Denied(DeniedClass::Forbidden) => "permission_denied",
            Self::TooManyFailures | Self::Denied(DeniedClass::TooManyFailures) => "too_many_failures",
            Self::QuotaExceeded(_) => "quota_exceeded",
            Self::Unavailable(_) => "unavailable",
            Self::Defect => "internal",
        }
    }

    pub(super) fn retry_after(self) -> Option<HeaderValue> {
        match self {
            Self::Unavailable(after) | Self::QuotaExceeded(after) => Some(retry_after(after)),
            // They are counted by the minute.
            Self::TooManyFailures => Some(retry_after(Duration::from_secs(60))),
            Self::Denied(_) | Self::Defect => None,
        }
    }
}

/// The members of a denial's problem document.
#[derive(Debug, Serialize)]
pub(super) struct Members<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    required_roles: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    required_entitlements: &'a [String],
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

/// Registered by draft-ietf-httpapi-ratelimit-headers.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";
const QUOTA_EXCEEDED_TITLE: &str = "Request cannot be satisfied as assigned quota has been exceeded";
