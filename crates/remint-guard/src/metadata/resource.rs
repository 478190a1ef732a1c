use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use remint_core::{IssuerId, Scopes};
use remint_credential::RequestHead;

use super::InvalidMetadata;
use super::address::Address;
use super::document::Document;
use crate::ProblemDocument;

/// The metadata of a protected resource (RFC 9728): where its document stands and what it says.
///
/// A client that was refused finds the document's address in the challenge
/// ([`Denials::with_resource_metadata`](crate::Denials::with_resource_metadata)) and the
/// authorization servers in the document. The layers of `remint-tower` and `remint-verify` serve it.
///
/// ```
/// use remint_guard::ResourceMetadata;
///
/// let metadata = ResourceMetadata::new("https://api.example/jobs")?
///     .with_authorization_servers(["https://auth.example".parse()?])?
///     .with_resource_name("Jobs");
/// assert_eq!(metadata.url(), "https://api.example/.well-known/oauth-protected-resource/jobs");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ResourceMetadata {
    url: Box<str>,
    path: Box<str>,
    query: Option<Box<str>>,
    document: Document,
    rendered: Bytes,
}

impl ResourceMetadata {
    /// The metadata of the resource that clients know by this address (its resource identifier,
    /// RFC 9728 §1.2).
    ///
    /// # Errors
    ///
    /// [`InvalidMetadata`] unless it is an `https` address, or an `http` address of this machine,
    /// without a fragment, without a user in it and without dot segments.
    pub fn new(resource: &str) -> Result<Self, InvalidMetadata> {
        let parsed = Address::parse(resource).filter(|address| !address.has_fragment);
        let Address { origin, path, query, .. } = parsed.ok_or(InvalidMetadata::of("resource"))?;
        // RFC 9728 §3.1: a slash directly behind the host goes.
        let path = [WELL_KNOWN, if path == "/" { "" } else { path }].concat();
        let url = match query {
            Some(query) => [origin, &path, "?", query].concat(),
            None => [origin, &path].concat(),
        };
        let document =
            Document { resource: resource.into(), bearer_methods_supported: vec!["header"], ..Document::default() };
        let (url, path, query) = (url.into(), path.into(), query.map(Into::into));
        Ok(Self { url, path, query, document, rendered: Bytes::new() }.with(|_| ()))
    }

    /// The authorization servers whose tokens are taken, by issuer (`authorization_servers`).
    ///
    /// # Errors
    ///
    /// [`InvalidMetadata`] if one is no address as RFC 8414 §2 asks of an issuer: `https` (or `http`
    /// to this machine), without query and fragment.
    pub fn with_authorization_servers(
        self,
        issuers: impl IntoIterator<Item = IssuerId>,
    ) -> Result<Self, InvalidMetadata> {
        let issuers = issuers.into_iter().map(|issuer| match Address::parse(issuer.as_str()) {
            Some(Address { query: None, has_fragment: false, .. }) => Ok(issuer.as_str().into()),
            _ => Err(InvalidMetadata::of("authorization_servers")),
        });
        let issuers = issuers.collect::<Result<_, _>>()?;
        Ok(self.with(|document| document.authorization_servers = issuers))
    }

    /// Where the resource's own public keys stand (`jwks_uri`), if it signs its responses.
    ///
    /// # Errors
    ///
    /// [`InvalidMetadata`] unless it is `https`, or `http` to this machine.
    pub fn with_jwks_uri(self, uri: &str) -> Result<Self, InvalidMetadata> {
        let uri = address(uri, "jwks_uri")?;
        Ok(self.with(|document| document.jwks_uri = Some(uri)))
    }

    /// The scopes that a client may ask for to use the resource (`scopes_supported`). They are shown
    /// to everyone.
    #[must_use]
    pub fn with_scopes_supported(self, scopes: &Scopes) -> Self {
        self.with(|document| document.scopes_supported = scopes.iter().map(Into::into).collect())
    }

    /// The algorithms with which the resource signs its responses
    /// (`resource_signing_alg_values_supported`).
    ///
    /// # Errors
    ///
    /// [`InvalidMetadata`] if one is `none` or no name of an algorithm.
    pub fn with_resource_signing_algorithms<'a>(
        self,
        algorithms: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidMetadata> {
        let names = names(algorithms, "resource_signing_alg_values_supported")?;
        Ok(self.with(|document| document.resource_signing_alg_values_supported = names))
    }

    /// The resource's name for people (`resource_name`).
    #[must_use]
    pub fn with_resource_name(self, name: impl Into<Box<str>>) -> Self {
        self.with(|document| document.resource_name = Some(name.into()))
    }

    /// A page for developers (`resource_documentation`).
    ///
    /// # Errors
    ///
    /// [`InvalidMetadata`] unless it is `https`, or `http` to this machine.
    pub fn with_resource_documentation(self, url: &str) -> Result<Self, InvalidMetadata> {
        let url = address(url, "resource_documentation")?;
        Ok(self.with(|document| document.resource_documentation = Some(url)))
    }

    /// A page about what clients may do with the data (`resource_policy_uri`).
    ///
    /// # Errors
    ///
    /// [`InvalidMetadata`] unless it is `https`, or `http` to this machine.
    pub fn with_resource_policy_uri(self, url: &str) -> Result<Self, InvalidMetadata> {
        let url = address(url, "resource_policy_uri")?;
        Ok(self.with(|document| document.resource_policy_uri = Some(url)))
    }

    /// A page with the terms of service (`resource_tos_uri`).
    ///
    /// # Errors
    ///
    /// [`InvalidMetadata`] unless it is `https`, or `http` to this machine.
    pub fn with_resource_tos_uri(self, url: &str) -> Result<Self, InvalidMetadata> {
        let url = address(url, "resource_tos_uri")?;
        Ok(self.with(|document| document.resource_tos_uri = Some(url)))
    }

    /// Tokens that are bound to a client certificate (RFC 8705) are taken
    /// (`tls_client_certificate_bound_access_tokens`).
    #[must_use]
    pub fn with_certificate_bound_tokens(self) -> Self {
        self.with(|document| document.tls_client_certificate_bound_access_tokens = true)
    }

    /// The algorithms that DPoP proofs may be signed with (`dpop_signing_alg_values_supported`,
    /// RFC 9449).
    ///
    /// # Errors
    ///
    /// [`InvalidMetadata`] if one is `none` or no name of an algorithm.
    pub fn with_dpop_signing_algorithms<'a>(
        self,
        algorithms: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidMetadata> {
        let names = names(algorithms, "dpop_signing_alg_values_supported")?;
        Ok(self.with(|document| document.dpop_signing_alg_values_supported = names))
    }

    /// The algorithms that DPoP proofs may be signed with; none if it does not
    /// [say so](Self::with_dpop_signing_algorithms).
    pub fn dpop_signing_algorithms(&self) -> impl Iterator<Item = &str> {
        self.document.dpop_signing_alg_values_supported.iter().map(|name| &**name)
    }

    /// Only tokens that are bound by DPoP are taken (`dpop_bound_access_tokens_required`). It is
    /// said here and demanded elsewhere.
    #[must_use]
    pub fn with_dpop_required(self) -> Self {
        self.with(|document| document.dpop_bound_access_tokens_required = true)
    }

    /// The resource identifier.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.document.resource
    }

    /// The document's address: `/.well-known/oauth-protected-resource` between the host and the
    /// path of the resource (RFC 9728 §3.1).
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The path of [`ResourceMetadata::url`].
    #[must_use]
    pub fn well_known_path(&self) -> &str {
        &self.path
    }

    /// The document (RFC 9728 §3.2), as JSON that may be kept for five minutes.
    #[must_use]
    pub fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(self.rendered.clone());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        response
    }

    /// What a request for the document is answered with: `GET` and `HEAD` with the document, other
    /// methods with 405. `None` if the request is for anything else.
    ///
    /// The path must be the same to the byte. A query is looked at only if the resource has one.
    #[must_use]
    #[inline]
    pub fn answer<H: ?Sized>(&self, head: RequestHead<'_, H>) -> Option<Response<Bytes>> {
        if *head.path == *self.path { self.answer_here(head.method, head.query) } else { None }
    }

    #[cold]
    fn answer_here(&self, method: &Method, query: Option<&str>) -> Option<Response<Bytes>> {
        if self.query.is_some() && self.query.as_deref() != query {
            return None;
        }
        Some(match *method {
            Method::GET => self.response(),
            Method::HEAD => {
                let mut response = self.response();
                response.headers_mut().insert(header::CONTENT_LENGTH, self.rendered.len().into());
                *response.body_mut() = Bytes::new();
                response
            }
            _ => method_not_allowed(),
        })
    }

    /// Changes the document and renders it: once at the start, not once for each client.
    fn with(mut self, change: impl FnOnce(&mut Document)) -> Self {
        change(&mut self.document);
        // Texts, lists of texts and truth values always have a JSON.
        self.rendered = serde_json::to_vec(&self.document).map(Bytes::from).unwrap_or_default();
        self
    }
}

fn address(text: &str, member: &'static str) -> Result<Box<str>, InvalidMetadata> {
    Address::parse(text).map(|_| text.into()).ok_or(InvalidMetadata::of(member))
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>, member: &'static str) -> Result<Vec<Box<str>>, InvalidMetadata> {
    let is_name = |name: &str| {
        name != "none" && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    names
        .into_iter()
        .map(|name| if is_name(name) { Ok(name.into()) } else { Err(InvalidMetadata::of(member)) })
        .collect()
}

/// A problem document (RFC 9457) that names what is allowed (RFC 9110 §15.5.6).
fn method_not_allowed() -> Response<Bytes> {
    let mut response = ProblemDocument::new(StatusCode::METHOD_NOT_ALLOWED).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
