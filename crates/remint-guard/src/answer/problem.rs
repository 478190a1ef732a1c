use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

/// A problem document (RFC 9457).
///
/// ```
/// use http::StatusCode;
/// use remint_guard::ProblemDocument;
///
/// let response = ProblemDocument::new(StatusCode::NOT_FOUND).with_detail("there is no such job").into_response();
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// assert_eq!(
///     response.body(),
///     r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"there is no such job"}"#,
/// );
/// ```
#[derive(Debug, Clone, Serialize)]
#[must_use = "a problem document tells nobody anything until it is a response"]
pub struct ProblemDocument<M = NoMembers> {
    #[serde(rename = "type")]
    kind: Cow<'static, str>,
    title: Cow<'static, str>,
    #[serde(serialize_with = "number")]
    status: StatusCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Cow<'static, str>>,
    #[serde(flatten)]
    members: M,
}

/// A document has no members of its own.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct NoMembers {}

impl ProblemDocument {
    /// A problem of which the status says all (RFC 9457 §4.2.1): its type is `about:blank`, its title the status' own.
    pub fn new(status: StatusCode) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { kind: "about:blank".into(), title: title.into(), status, detail: None, members: NoMembers {} }
    }
}

impl<M> ProblemDocument<M> {
    /// The same with this type, a URI.
    pub fn with_type(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.kind = uri.into();
        self
    }

    /// The same with this title, which a type has once for all.
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = title.into();
        self
    }

    /// The same with what is wrong this time, for people.
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same with further members (RFC 9457 §3.2): a structure or a map, whose names are none of the document's.
    pub fn with_members<N: Serialize>(self, members: N) -> ProblemDocument<N> {
        let Self { kind, title, status, detail, .. } = self;
        ProblemDocument { kind, title, status, detail, members }
    }
}

impl<M: Serialize> ProblemDocument<M> {
    /// The response: the document with its status.
    #[must_use]
    pub fn into_response(self) -> Response<Bytes> {
        respond(self.status, Bytes::from(self.to_json()))
    }

    /// Texts and a number always have a JSON; of members that have none, nothing is told.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The response with this document.
pub(crate) fn respond(status: StatusCode, document: Bytes) -> Response<Bytes> {
    let mut response = Response::new(document);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

impl ProblemDocument {
    /// The media type of problem documents (RFC 9457 §3).
    pub const MEDIA_TYPE: &'static str = MEDIA_TYPE;
}

fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

const MEDIA_TYPE: &str = "application/problem+json";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_status_says_all_where_there_is_no_type() {
        let response = ProblemDocument::new(StatusCode::SERVICE_UNAVAILABLE).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.body(), r#"{"type":"about:blank","title":"Service Unavailable","status":503}"#);
        let unnamed = ProblemDocument::new(StatusCode::from_u16(499).unwrap()).into_response();
        assert_eq!(unnamed.body(), r#"{"type":"about:blank","title":"Error","status":499}"#);
    }

    #[test]
    fn a_problem_of_a_type_of_its_own_says_what_is_wrong_and_has_further_members() {
        let document = ProblemDocument::new(StatusCode::CONFLICT)
            .with_type("urn:example:taken")
            .with_title("The name is taken")
            .with_detail("say \"another\"")
            .with_members(json!({ "error": "taken" }));
        assert_eq!(
            document.into_response().body(),
            r#"{"type":"urn:example:taken","title":"The name is taken","status":409,"detail":"say \"another\"","error":"taken"}"#
        );
    }
}
