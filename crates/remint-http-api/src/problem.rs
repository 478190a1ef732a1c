use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use remint_core::{DeniedKind, Refusal, StoreError, Unavailable};
use remint_guard::{Challenge, Denials, ProblemDocument, RequestKind, Requirements, retry_after};
use serde::Serialize;

use crate::body::BodyError;
use crate::fault::Fault;

/// An error that the caller is told of.
///
/// It repeats nothing of the request but the names of unknown fields and parameters.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    kind: &'static str,
    detail: Cow<'static, str>,
    faults: Vec<Fault>,
    retry_after: Option<Duration>,
    needs: Option<&'static str>,
    refusal: Option<Refusal>,
}

impl Problem {
    /// A problem of this status. `kind` is the last part of its type, empty for none of its own.
    pub fn new(status: StatusCode, kind: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let (faults, detail) = (Vec::new(), detail.into());
        Self(Box::new(Parts { status, kind, detail, faults, retry_after: None, needs: None, refusal: None }))
    }

    /// 404: there is no such resource, or none that this caller may know of.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "", "there is no such resource")
    }

    /// 405.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "", "the resource does not have this method")
    }

    /// 400.
    pub fn bad_request(kind: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, kind, detail)
    }

    /// 422 with the faults of a JSON body.
    #[must_use]
    pub fn invalid_body(faults: Vec<Fault>) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-body", "the body does not fit");
        problem.0.faults = faults;
        problem
    }

    /// 400 with the fault of one parameter of the query.
    pub fn invalid_query(parameter: &str, detail: impl Into<Cow<'static, str>>) -> Self {
        let fault = Fault { pointer: None, parameter: Some(parameter.to_owned()), detail: detail.into() };
        let mut problem = Self::bad_request("invalid-query", "the query does not fit");
        problem.0.faults.push(fault);
        problem
    }

    /// 403.
    #[must_use]
    pub fn forbidden(kind: &'static str, detail: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, kind, detail)
    }

    /// 403: this scope is missing.
    #[must_use]
    pub fn needs_scope(scope: &'static str) -> Self {
        let mut problem = Self::forbidden("not-permitted", "a required scope is missing");
        problem.0.needs = Some(scope);
        problem
    }

    /// 403: this scope is missing, and why it is needed.
    #[must_use]
    pub fn needs_scope_to(scope: &'static str, detail: &'static str) -> Self {
        let mut problem = Self::needs_scope(scope);
        problem.0.detail = detail.into();
        problem
    }

    /// 409: what the first request made was deleted or revoked since.
    #[must_use]
    pub fn gone() -> Self {
        Self::new(StatusCode::CONFLICT, "gone", "what was made under the idempotency key is gone")
    }

    /// 500: a defect of the service.
    #[must_use]
    pub fn defect() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "", "")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Parts { status, kind, detail, faults, retry_after: after, needs, refusal } = *self.0;
        if let Some(refusal) = &refusal {
            let denied = Denials::new().respond(refusal, RequestKind::Http, &Requirements::new());
            return denied.map(Body::from);
        }
        let mut document = ProblemDocument::new(status);
        if !kind.is_empty() {
            document = document.with_type(["urn:remint:problem:", kind].concat());
        }
        if !detail.is_empty() {
            document = document.with_detail(detail);
        }
        let error = needs.map(|_scope| INSUFFICIENT_SCOPE);
        let mut response = document.with_members(Members { error, errors: faults }).into_response().map(Body::from);
        let headers = response.headers_mut();
        if let Some(after) = after {
            headers.insert(header::RETRY_AFTER, retry_after(after));
        }
        if let Some(scope) = needs {
            let challenge = Challenge::new("Bearer").with("error", INSUFFICIENT_SCOPE).with("scope", scope);
            headers.insert(header::WWW_AUTHENTICATE, challenge.into_value());
        }
        response
    }
}

impl From<Refusal> for Problem {
    /// As the edge answers it.
    fn from(refusal: Refusal) -> Self {
        let mut problem = Self::defect();
        problem.0.refusal = Some(refusal);
        problem
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        let cause = std::error::Error::source(&unavailable).map(ToString::to_string);
        let reason = unavailable.kind().reason();
        tracing::warn!(target: "remint", reason, cause, "the identity service is not available");
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "", "try again later");
        problem.0.retry_after = Some(unavailable.retry_after());
        problem
    }
}

impl From<BodyError> for Problem {
    /// 413 for a body that is too large, 400 for one that broke off.
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "", error.to_string()),
            BodyError::Incomplete => Self::bad_request("", error.to_string()),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let conflict = |kind, detail| Self::new(StatusCode::CONFLICT, kind, detail);
        match error {
            StoreError::Conflict => conflict("conflict", "the id or an external identity is taken"),
            StoreError::UnknownUser | StoreError::UnknownKey => Self::not_found(),
            StoreError::Ended => conflict("key-ended", "the key has ended, or was rotated already"),
            // It was revoked, or has ended, a moment ago.
            StoreError::MakerEnded => Refusal::from(DeniedKind::Revoked).into(),
            StoreError::IdempotencyKeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "the idempotency key was used for another request",
            ),
            StoreError::Unavailable(unavailable) => unavailable.into(),
            // A replay is answered where it is asked for.
            _ => Self::defect(),
        }
    }
}

/// The members that a problem of an API has besides.
#[derive(Serialize)]
struct Members {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

/// A handler that finds nothing: 404, for the fallback of a router.
pub async fn not_found() -> Problem {
    Problem::not_found()
}

/// RFC 6750 §3.1.
const INSUFFICIENT_SCOPE: &str = "insufficient_scope";
