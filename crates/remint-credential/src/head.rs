use std::fmt;
use std::net::IpAddr;

use http::{HeaderMap, Method, Uri, Version};
use remint_core::{ClientAddr, ClientCertificate, PeerAddr};

/// The header lines of a request: a `HeaderMap`, or a list of names and values as a proxy gives them.
///
/// # Contract
///
/// Every line is yielded, whatever is in it, and each call yields the same lines. Names may be in any case. A
/// header that comes in several lines is yielded once for each line.
pub trait HeaderLines {
    /// Name and value of each line.
    fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])>;
}

impl HeaderLines for HeaderMap {
    #[inline]
    fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()))
    }
}

impl HeaderLines for [(&[u8], &[u8])] {
    #[inline]
    fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.iter().copied()
    }
}

/// The values of the lines with this name, which is compared without case.
pub fn header_values<'h, H: HeaderLines + ?Sized>(headers: &'h H, name: &str) -> impl Iterator<Item = &'h [u8]> {
    headers.lines().filter(move |(line, _)| line.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
}

/// The parts of a request that decide what it may do. The body is not among them.
pub struct RequestHead<'h, H: ?Sized = HeaderMap> {
    /// The method: cookies on unsafe ones must come from the same origin.
    pub method: &'h Method,
    /// The HTTP version: gRPC needs HTTP/2 or later.
    pub version: Version,
    /// The target's scheme, where the surface knows it.
    pub scheme: Option<&'h str>,
    /// The target's host and port, where the surface knows them.
    pub authority: Option<&'h str>,
    /// The target's path: a DPoP proof names it.
    pub path: &'h str,
    /// The target's query. No credential is read from it.
    pub query: Option<&'h str>,
    /// The headers.
    pub headers: &'h H,
    /// The client's address, where the adapter states one. Extraction does not look at it, and no
    /// header becomes one: it is for the check of what a credential is bound to.
    pub client: Option<IpAddr>,
    /// The address of the socket's peer, where the client's is not stated: failures are counted by it, and
    /// nothing passes by it.
    pub peer: Option<IpAddr>,
    /// The certificate that the client proved to hold, where the adapter states one: as with the address,
    /// no header becomes one.
    pub certificate: Option<&'h ClientCertificate>,
}

impl<'h, H: ?Sized> RequestHead<'h, H> {
    /// A request over HTTP/1.1 to this path, of which nothing else is stated.
    #[must_use]
    pub const fn new(method: &'h Method, path: &'h str, headers: &'h H) -> Self {
        Self {
            method,
            version: Version::HTTP_11,
            scheme: None,
            authority: None,
            path,
            query: None,
            headers,
            client: None,
            peer: None,
            certificate: None,
        }
    }

    /// The same with the parts of this target.
    #[must_use]
    #[inline]
    pub fn with_uri(self, uri: &'h Uri) -> Self {
        let (scheme, authority) = (uri.scheme_str(), uri.authority().map(http::uri::Authority::as_str));
        Self { scheme, authority, path: uri.path(), query: uri.query(), ..self }
    }

    /// The values of the lines with this name, which is compared without case.
    pub fn values(self, name: &str) -> impl Iterator<Item = &'h [u8]>
    where
        H: HeaderLines,
    {
        header_values(self.headers, name)
    }

    /// Whether a line has this name, which is compared without case.
    #[must_use]
    pub fn has(self, name: &str) -> bool
    where
        H: HeaderLines,
    {
        self.values(name).next().is_some()
    }

    /// By whose address failures are counted.
    #[must_use]
    pub fn counted_address(&self) -> Option<IpAddr> {
        self.client.or(self.peer)
    }
}

impl<H: ?Sized> Clone for RequestHead<'_, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: ?Sized> Copy for RequestHead<'_, H> {}

/// Neither the target nor the headers: both may hold credentials.
impl<H: ?Sized> fmt::Debug for RequestHead<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead").field("method", self.method).field("client", &self.client).finish_non_exhaustive()
    }
}

impl<'h, B> From<&'h http::Request<B>> for RequestHead<'h> {
    /// The client's address is that of the extension [`ClientAddr`], or none; the peer's that of [`PeerAddr`];
    /// its certificate that of [`ClientCertificate`].
    #[inline]
    fn from(request: &'h http::Request<B>) -> Self {
        let client = request.extensions().get::<ClientAddr>().map(|stated| stated.0);
        let peer = if client.is_none() { request.extensions().get::<PeerAddr>().map(|peer| peer.0) } else { None };
        let certificate = request.extensions().get::<ClientCertificate>();
        let uri = request.uri();
        Self {
            method: request.method(),
            version: request.version(),
            scheme: uri.scheme_str(),
            authority: uri.authority().map(http::uri::Authority::as_str),
            path: uri.path(),
            query: uri.query(),
            headers: request.headers(),
            client,
            peer,
            certificate,
        }
    }
}
