use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use remint_jwt::Claims;
use remint_token::unavailable_part;
use serde_json::{Map, Value};
use std::time::Duration;

use crate::{EndpointError, ErrorCode, Failure, FailureKind, OAuthError};

/// Reads an answer as RFC 6749 §5 has it: 200 and one JSON object, or a refusal with its `error`.
pub(crate) fn read(answer: &Response<Vec<u8>>) -> Result<Map<String, Value>, EndpointError> {
    let status = answer.status();
    let object = is_json(answer.headers()).then(|| Claims::parse(answer.body()).ok()).flatten();
    if status == StatusCode::OK {
        return object.map(Claims::into_map).ok_or_else(|| Failure::new(FailureKind::Malformed).into());
    }
    let code = object.as_ref().and_then(|object| object.get("error")?.as_str().map(ErrorCode::read));
    let registered = code.filter(|code| *code != ErrorCode::Other);
    let kind = match (status, code, registered) {
        (StatusCode::TOO_MANY_REQUESTS, ..) => FailureKind::TooManyRequests,
        // RFC 6749 §5.2 has 400 and 401; some answer 403.
        (_, Some(code), _) if status.is_client_error() => return Err(OAuthError::new(code, status.as_u16()).into()),
        (_, _, Some(code)) if status.is_server_error() => FailureKind::Unavailable(code),
        _ => FailureKind::Status(status.as_u16()),
    };
    let retry_after = retry_after(answer.headers()).unwrap_or_default();
    let part = object.as_ref().and_then(|object| unavailable_part(object.as_map()));
    Err(Failure::new(kind).with_code(registered).with_part(part).with_retry_after(retry_after).into())
}

/// A document that was asked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Document {
    /// It is this (200).
    Found(Map<String, Value>),
    /// It is not there any more (410), as this problem document (RFC 9457) says.
    Gone(Map<String, Value>),
}

/// Reads an answer with a JSON object, or with the problem document of one that is gone.
pub(crate) fn read_document(answer: &Response<Vec<u8>>) -> Result<Document, EndpointError> {
    let status = answer.status();
    let object = |is_of_the_type: bool| is_of_the_type.then(|| Claims::parse(answer.body()).ok()).flatten();
    let found = match status {
        StatusCode::OK => object(is_json(answer.headers())).map(Claims::into_map).map(Document::Found),
        StatusCode::GONE => object(is_kind_of_json(answer.headers())).map(Claims::into_map).map(Document::Gone),
        StatusCode::BAD_REQUEST => return refused(ErrorCode::InvalidRequest, status),
        StatusCode::UNAUTHORIZED => return refused(ErrorCode::InvalidClient, status),
        StatusCode::FORBIDDEN => return refused(ErrorCode::UnauthorizedClient, status),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => return refused(ErrorCode::Other, status),
        _ => {
            let kind = match status {
                StatusCode::TOO_MANY_REQUESTS => FailureKind::TooManyRequests,
                _ => FailureKind::Status(status.as_u16()),
            };
            let retry_after = retry_after(answer.headers()).unwrap_or_default();
            return Err(Failure::new(kind).with_retry_after(retry_after).into());
        }
    };
    found.ok_or_else(|| Failure::new(FailureKind::Malformed).into())
}

fn refused(code: ErrorCode, status: StatusCode) -> Result<Document, EndpointError> {
    Err(OAuthError::new(code, status.as_u16()).into())
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3); a date is passed over, since it asks for a clock that
/// agrees with ours.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

fn is_json(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

/// By its suffix (RFC 6839 §3.1), as a problem document is.
fn is_kind_of_json(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(|essence| essence.to_ascii_lowercase().ends_with("+json"))
}

fn essence(headers: &HeaderMap) -> Option<&str> {
    let media_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    media_type.split(';').next().map(str::trim)
}

const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);
