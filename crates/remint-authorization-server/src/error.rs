use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use remint_core::{Unavailable, UnavailableKind};
use remint_guard::{Challenge, RequestTrace, retry_after};
use remint_token::{REMINT_MEMBER, unavailable_member};
use serde_json::json;

/// The error codes of RFC 6749 §5.2, RFC 8693 §2.2.2 and RFC 7009 §2.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    InvalidTarget,
    UnsupportedTokenType,
}

impl Code {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }
}

/// Why an endpoint of the authorization server does not do what it was asked.
///
/// The description is written here: nothing of the request is repeated.
#[derive(Debug)]
pub(crate) enum OAuthError {
    /// The client's fault.
    Refused(Code, &'static str),
    /// A body over the limit.
    TooLarge,
    /// Another method than POST.
    Method,
    /// Too many failed attempts to authenticate as this client, or from this address.
    TooManyFailures(Duration),
    /// Ours.
    Unavailable(Unavailable),
}

impl OAuthError {
    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::Refused(Code::InvalidRequest, description)
    }

    /// One text for every reason: who guesses learns nothing.
    pub(crate) const fn invalid_client() -> Self {
        Self::Refused(Code::InvalidClient, "client authentication failed")
    }

    /// The outcome's name in metrics and logs.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Refused(code, _) => code.as_str(),
            Self::TooLarge | Self::Method => Code::InvalidRequest.as_str(),
            Self::TooManyFailures(_) => "too_many_failures",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// What the client is told, for people.
    pub(crate) fn description(&self) -> &'static str {
        self.parts().2
    }

    /// The answer to a request of this id.
    pub(crate) fn answer(self, trace: &RequestTrace) -> Response {
        let mut response = self.into_response();
        trace.write(response.headers_mut());
        response
    }

    fn parts(&self) -> (StatusCode, &'static str, &'static str, Option<Duration>) {
        match self {
            Self::Refused(code @ Code::InvalidClient, description) => {
                (StatusCode::UNAUTHORIZED, code.as_str(), description, None)
            }
            Self::Refused(code, description) => (StatusCode::BAD_REQUEST, code.as_str(), description, None),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, Code::InvalidRequest.as_str(), "the body is too large", None)
            }
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, Code::InvalidRequest.as_str(), "the method must be POST", None)
            }
            Self::TooManyFailures(after) => {
                (StatusCode::TOO_MANY_REQUESTS, Code::InvalidClient.as_str(), "too many failed attempts", Some(*after))
            }
            Self::Unavailable(unavailable) => {
                let (after, text) = (unavailable.retry_after(), outage(unavailable.kind()));
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text, Some(after))
            }
        }
    }
}

/// What is out, for whoever reads a client's log.
const fn outage(kind: UnavailableKind) -> &'static str {
    match kind {
        UnavailableKind::KeySet => "the key set of the token's issuer cannot be fetched; try again later",
        UnavailableKind::Introspection => "the token's issuer does not answer; try again later",
        UnavailableKind::Enricher => "an enricher does not answer; try again later",
        UnavailableKind::Store => "the store does not answer; try again later",
        UnavailableKind::Overloaded => "there is too much work at once; try again later",
        UnavailableKind::Deadline => "a part of the server does not answer in time; try again later",
        _ => "try again later",
    }
}

impl From<Unavailable> for OAuthError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let (status, code, description, after) = self.parts();
        let body = match &self {
            // An edge of ours is told which part: one issuer's outage is not the server's.
            Self::Unavailable(unavailable) => {
                let part = unavailable_member(unavailable.kind());
                json!({ "error": code, "error_description": description, REMINT_MEMBER: part })
            }
            _ => json!({ "error": code, "error_description": description }),
        };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match status {
            StatusCode::UNAUTHORIZED => {
                // RFC 7617 §2.
                let challenge = Challenge::new("Basic").with("realm", "remint").with("charset", "UTF-8");
                headers.insert(header::WWW_AUTHENTICATE, challenge.into_value());
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            _ => {}
        }
        if let Some(after) = after {
            headers.insert(header::RETRY_AFTER, retry_after(after));
        }
        response
    }
}
