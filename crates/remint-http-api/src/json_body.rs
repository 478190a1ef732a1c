use std::fmt;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, StatusCode};
use remint_strict_json::JsonError;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::body::{content_type, read_body};
use crate::fault::Fault;
use crate::members::Members;
use crate::problem::Problem;

/// The largest JSON body in bytes.
pub const MAX_JSON_BODY: usize = 64 * 1024;

/// A JSON object that is the body of a request. It may hold secrets, so `Debug` shows nothing of it.
pub struct JsonBody(Map<String, Value>);

impl JsonBody {
    /// The SHA-256 of the object, whatever the order of its members and its white space.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        // Maps are sorted, so equal objects are equal texts.
        let text = serde_json::to_vec(&self.0).unwrap_or_default();
        Sha256::digest(text).into()
    }

    /// Its members, to be taken out one by one.
    #[must_use]
    pub fn into_members(self) -> Members {
        Members::from(self.0)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        match remint_strict_json::parse(bytes) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(Problem::invalid_body(vec![Fault::new("the body must be an object")])),
            Err(JsonError::Malformed) => Err(Problem::bad_request("malformed-json", "the body is no JSON text")),
            Err(JsonError::Duplicate) => {
                Err(Problem::bad_request("malformed-json", "a member of the body is there twice"))
            }
        }
    }
}

impl fmt::Debug for JsonBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonBody(..)")
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let bytes = read_body(request.into_body(), MAX_JSON_BODY).await?;
        if !json {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "",
                "the body's media type must be application/json",
            ));
        }
        Self::parse(&bytes)
    }
}

/// A JSON object, or no body at all, which counts as the empty object.
#[derive(Debug)]
pub struct OptionalJsonBody(pub JsonBody);

impl<S: Send + Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body, MAX_JSON_BODY).await?;
        if bytes.is_empty() {
            return Ok(Self(JsonBody(Map::new())));
        }
        JsonBody::from_request(Request::from_parts(parts, Body::from(bytes)), &()).await.map(Self)
    }
}

/// `application/json`, in UTF-8 if it says (RFC 8259 §8.1).
fn is_json(headers: &HeaderMap) -> bool {
    let Some(text) = content_type(headers) else { return false };
    let mut parts = text.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}
