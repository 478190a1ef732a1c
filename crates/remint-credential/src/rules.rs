use http::HeaderName;

/// Where credentials may stand, and what is removed from a request before it goes on.
///
/// `Default` is the recommended setting; each `with_*` replaces one part of it.
#[derive(Debug, Clone)]
pub struct CredentialRules {
    pub(crate) bearer: bool,
    pub(crate) dpop: bool,
    pub(crate) api_key_schemes: Vec<String>,
    pub(crate) api_key_headers: Vec<HeaderName>,
    pub(crate) cookie: Option<String>,
    pub(crate) max_length: usize,
    pub(crate) strip_headers: Vec<HeaderName>,
}

impl Default for CredentialRules {
    /// `Bearer`, `Token` and `Api-Key`; `X-API-Key`; no cookie; no DPoP; 8 KiB; `X-User-Id`, `X-Tenant-Id` and
    /// `Txn-Token` are stripped: a transaction token is made inside the trust domain and not sent into it.
    fn default() -> Self {
        Self {
            bearer: true,
            dpop: false,
            api_key_schemes: vec!["Token".to_owned(), "Api-Key".to_owned()],
            api_key_headers: vec![HeaderName::from_static("x-api-key")],
            cookie: None,
            max_length: 8192,
            strip_headers: ["x-user-id", "x-tenant-id"].map(HeaderName::from_static).to_vec(),
        }
    }
}

impl CredentialRules {
    /// Whether `Authorization: Bearer` is a source.
    #[must_use]
    pub const fn with_bearer(mut self, bearer: bool) -> Self {
        self.bearer = bearer;
        self
    }

    /// Whether `Authorization: DPoP` is a source (RFC 9449 §7.1); not unless set. A second `DPoP` header is
    /// then a refusal, and none goes on. Whoever sets it checks the proofs.
    #[must_use]
    pub const fn with_dpop(mut self, dpop: bool) -> Self {
        self.dpop = dpop;
        self
    }

    /// The schemes of `Authorization` that carry an API key; compared without case.
    #[must_use]
    pub fn with_api_key_schemes(mut self, schemes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.api_key_schemes = schemes.into_iter().map(Into::into).collect();
        self
    }

    /// The headers that carry an API key. They are removed from every request that goes on.
    #[must_use]
    pub fn with_api_key_headers(mut self, headers: impl IntoIterator<Item = HeaderName>) -> Self {
        self.api_key_headers = headers.into_iter().collect();
        self
    }

    /// A cookie that may carry a JWT. Off unless named.
    ///
    /// On unsafe methods it counts only from the same origin, by `Sec-Fetch-Site` or `Origin`; it is
    /// cut out of the `Cookie` header that goes on.
    #[must_use]
    pub fn with_cookie(mut self, name: impl Into<String>) -> Self {
        self.cookie = Some(name.into());
        self
    }

    /// The longest credential in bytes (8192 unless set).
    #[must_use]
    pub const fn with_max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// Headers in which services might read an identity. A client's copies, look-alikes with `_`
    /// included, are removed on every outcome.
    #[must_use]
    pub fn with_strip_headers(mut self, headers: impl IntoIterator<Item = HeaderName>) -> Self {
        self.strip_headers = headers.into_iter().collect();
        self
    }
}

/// Rules that contradict themselves or HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRules {
    /// A scheme that is not a token (RFC 9110 §5.6.2), or is `Bearer` or `DPoP`.
    #[error("an API-key scheme must be a token other than `Bearer` and `DPoP`")]
    Scheme,
    /// A header that has a meaning of its own.
    #[error("`authorization`, `cookie`, `connection`, `dpop` and `host` can be neither API-key nor stripped headers")]
    Header,
    /// A cookie name that is not a token (RFC 6265 §4.1.1).
    #[error("a cookie name must be a token")]
    Cookie,
    /// More than 48 headers to watch.
    #[error("at most 48 headers can be watched")]
    TooMany,
    /// A length limit of zero.
    #[error("the length limit must be positive")]
    Length,
}
