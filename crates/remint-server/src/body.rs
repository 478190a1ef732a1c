//! Bodies of requests: of one media type, of a bounded size, read member by member.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::json::{self, JsonError};
use crate::problem::{Fault, Problem};

/// The largest body of a request in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// What a reader of a value says: the value, or what is wrong where in it.
pub(crate) type Read<T> = Result<T, Vec<Fault>>;

/// A JSON object that a request brings.
pub(crate) struct JsonBody(Map<String, Value>);

impl JsonBody {
    /// A digest of the object, whatever its members' order and its white space.
    pub(crate) fn digest(&self) -> [u8; 32] {
        // Maps are sorted, so equal objects are equal texts.
        let text = serde_json::to_vec(&self.0).unwrap_or_default();
        Sha256::digest(text).into()
    }

    pub(crate) fn into_members(self) -> Members {
        Members { map: self.0, faults: Vec::new() }
    }

    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        match json::parse(bytes) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(Problem::invalid_body(vec![fault("the body must be an object")])),
            Err(JsonError::Malformed) => Err(Problem::bad_request("malformed-json", "the body is no JSON text")),
            Err(JsonError::Duplicate) => {
                Err(Problem::bad_request("malformed-json", "a member of the body is there twice"))
            }
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let bytes = read(request.into_body(), MAX_BODY).await?;
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

/// A JSON object, or no body at all, which is the empty one.
pub(crate) struct OptionalJsonBody(pub(crate) JsonBody);

impl<S: Send + Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(body, MAX_BODY).await?;
        if bytes.is_empty() {
            return Ok(Self(JsonBody(Map::new())));
        }
        JsonBody::from_request(Request::from_parts(parts, Body::from(bytes)), &()).await.map(Self)
    }
}

/// The members of an object, taken out one after the other; what is wrong with them is collected.
pub(crate) struct Members {
    map: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Members {
    /// The members of a value within the body.
    pub(crate) fn of(value: Value) -> Read<Self> {
        match value {
            Value::Object(map) => Ok(Self { map, faults: Vec::new() }),
            _ => Err(vec![fault("must be an object")]),
        }
    }

    /// A member that may be absent; `null` is as good as absent.
    pub(crate) fn optional<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Option<T> {
        self.nullable(name, read).flatten()
    }

    /// A member that may be absent; `Some(None)`: it is `null`.
    pub(crate) fn nullable<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Option<Option<T>> {
        match self.map.get(name) {
            Some(Value::Null) => self.map.remove(name).map(|_null| None),
            _ => self.present(name, read).map(Some),
        }
    }

    /// A member that may be absent, but not `null`.
    pub(crate) fn present<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Option<T> {
        match read(self.map.remove(name)?) {
            Ok(value) => Some(value),
            Err(faults) => {
                self.faults.extend(faults.into_iter().map(|fault| within(fault, name)));
                None
            }
        }
    }

    /// A member that must be there.
    pub(crate) fn required<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Option<T> {
        if !self.map.contains_key(name) {
            self.faults.push(within(fault("is missing"), name));
        }
        self.present(name, read)
    }

    /// `read`, what was read of the object, if nothing was wrong with it and nothing is left of it.
    pub(crate) fn finish<T>(mut self, read: Option<T>) -> Read<T> {
        self.faults.extend(self.map.keys().map(|name| within(fault("there is no such field"), name)));
        match read {
            Some(read) if self.faults.is_empty() => Ok(read),
            _ => Err(self.faults),
        }
    }
}

/// Reads a whole body.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "", format!("the body is over {limit} bytes")))
        }
        Err(_) => Err(Problem::bad_request("", "the body did not arrive")),
    }
}

/// What is wrong with a value, whose place its reader does not know.
pub(crate) fn fault(detail: impl Into<std::borrow::Cow<'static, str>>) -> Fault {
    Fault { pointer: Some(String::new()), parameter: None, detail: detail.into() }
}

/// The same of a value within another (RFC 6901 §3).
pub(crate) fn within(fault: Fault, name: &str) -> Fault {
    let inner = fault.pointer.unwrap_or_default();
    let name = name.replace('~', "~0").replace('/', "~1");
    Fault { pointer: Some(format!("/{name}{inner}")), ..fault }
}

/// `application/json`, in UTF-8 if it says (RFC 8259 §8.1).
fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Ok(text) = value.to_str() else { return false };
    let mut parts = text.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}
