use axum::extract::Request;
use bytes::Bytes;
use http::{HeaderMap, Method};
use remint_http_api::{BodyError, content_type, read_body};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::error::OAuthError;

/// The parameters of a request to an endpoint of OAuth (RFC 6749 §3.2, Appendix B). They hold secrets,
/// so there is no `Debug`.
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Reads a request: POST, `application/x-www-form-urlencoded`, nothing in the URI's query, at most
    /// [`MAX_BODY`] bytes.
    pub(crate) async fn read(request: Request) -> Result<(HeaderMap, http::Extensions, Self), OAuthError> {
        let (parts, body) = request.into_parts();
        if parts.method != Method::POST {
            return Err(OAuthError::Method);
        }
        if parts.uri.query().is_some() {
            return Err(OAuthError::invalid_request("parameters belong into the body, not into the URI"));
        }
        if !is_form(&parts.headers) {
            return Err(OAuthError::invalid_request("the media type must be application/x-www-form-urlencoded"));
        }
        let bytes = match read_body(body, MAX_BODY).await {
            Ok(bytes) => bytes,
            Err(BodyError::TooLarge { .. }) => return Err(OAuthError::TooLarge),
            Err(_) => return Err(OAuthError::invalid_request("the body did not arrive")),
        };
        Ok((parts.headers, parts.extensions, Self::parse(&bytes)?))
    }

    /// RFC 6749 §3.2: what has no value is as good as absent, and nothing may be there twice but what
    /// RFC 8693 §2.1 and RFC 8707 §2 let be repeated.
    pub(crate) fn parse(bytes: &Bytes) -> Result<Self, OAuthError> {
        let mut parameters: Vec<(String, Zeroizing<String>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if parameters.len() == MAX_PARAMETERS {
                return Err(OAuthError::invalid_request("too many parameters"));
            }
            if value.contains(char::REPLACEMENT_CHARACTER) || name.contains(char::REPLACEMENT_CHARACTER) {
                return Err(OAuthError::invalid_request("the body is not UTF-8"));
            }
            if !REPEATABLE.contains(&&*name) && parameters.iter().any(|(known, _)| *known == *name) {
                return Err(OAuthError::invalid_request("a parameter is there twice"));
            }
            parameters.push((name.into_owned(), Zeroizing::new(value.into_owned())));
        }
        Ok(Self(parameters))
    }

    /// A parameter, unless it is absent or empty.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// A parameter that must be there.
    pub(crate) fn required(&self, name: &str, missing: &'static str) -> Result<&str, OAuthError> {
        self.optional(name).ok_or(OAuthError::invalid_request(missing))
    }

    /// The value of the one parameter that is of interest, which must be there.
    pub(crate) fn into_required(self, name: &str, missing: &'static str) -> Result<Zeroizing<String>, OAuthError> {
        let found = self.0.into_iter().find(|(known, value)| *known == name && !value.is_empty());
        found.map(|(_, value)| value).ok_or(OAuthError::invalid_request(missing))
    }

    /// Every value of a parameter that may be repeated.
    pub(crate) fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        let named = self.0.iter().filter(move |(known, value)| *known == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let essence = content_type(headers).and_then(|text| text.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

const REPEATABLE: [&str; 2] = ["audience", "resource"];
const MAX_PARAMETERS: usize = 64;

/// Two tokens of the largest size, percent-encoded, and the rest.
pub(crate) const MAX_BODY: usize = 64 * 1024;
