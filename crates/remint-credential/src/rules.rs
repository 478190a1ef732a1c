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
    pub(crate) jwt_headers: Vec<HeaderName>,
    pub(crate) cookie: Option<String>,
    pub(crate) session_cookie: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) max_length: usize,
    pub(crate) strip_headers: Vec<HeaderName>,
}

impl Default for CredentialRules {
    /// `Bearer`, `Token` and `Api-Key`; `X-API-Key`; no cookie; no DPoP; 8 KiB; what
    /// [`CredentialRules::STRIP_HEADERS`] lists is stripped.
    fn default() -> Self {
        Self {
            bearer: true,
            dpop: false,
            api_key_schemes: vec!["Token".to_owned(), "Api-Key".to_owned()],
            api_key_headers: vec![HeaderName::from_static("x-api-key")],
            jwt_headers: Vec::new(),
            cookie: None,
            session_cookie: None,
            origin: None,
            max_length: 8192,
            strip_headers: Self::STRIP_HEADERS.map(HeaderName::from_static).to_vec(),
        }
    }
}

impl CredentialRules {
    /// The longest credential that can be allowed, in bytes: no server lets longer headers through.
    pub const MAX_LENGTH: usize = 64 * 1024;

    /// What is stripped unless [`CredentialRules::with_strip_headers`] says otherwise: the headers in which
    /// services expect an identity from the proxy in front of them, and the credentials of a proxy
    /// (RFC 9110 §11.7.1) and of a workload.
    pub const STRIP_HEADERS: [&'static str; 11] = [
        "x-user-id",
        "x-tenant-id",
        "remote-user",
        "x-forwarded-user",
        "x-forwarded-email",
        "x-forwarded-groups",
        "x-forwarded-preferred-username",
        "x-auth-request-*",
        "proxy-authorization",
        "workload-identity-token",
        "workload-proof-token",
    ];

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

    /// Headers that carry a JWT, such as `Cf-Access-Jwt-Assertion`; none unless set. They are removed from every request
    /// that goes on.
    ///
    /// A proxy adds such a header to whatever a browser sends, so it is as ambient as a cookie: on unsafe methods and
    /// upgrades `Sec-Fetch-Site` and `Origin`, where they are present, must say that the request comes from our own
    /// [`origin`](CredentialRules::with_origin). Without an origin of ours, an `Origin` alone is refused.
    #[must_use]
    pub fn with_jwt_headers(mut self, headers: impl IntoIterator<Item = HeaderName>) -> Self {
        self.jwt_headers = headers.into_iter().collect();
        self
    }

    /// A cookie that may carry a JWT. Off unless named.
    ///
    /// On unsafe methods it counts only from the same origin, by `Sec-Fetch-Site` and
    /// [`Origin`](CredentialRules::with_origin); it is cut out of the `Cookie` header that goes on.
    #[must_use]
    pub fn with_cookie(mut self, name: impl Into<String>) -> Self {
        self.cookie = Some(name.into());
        self
    }

    /// A cookie that carries the name of a session, whatever its text is, for an authenticator of your own:
    /// [`Slot::SessionCookie`](remint_core::Slot::SessionCookie),
    /// [`CredentialForm::Session`](remint_core::CredentialForm::Session).
    /// None of ours reads it, not even if it holds a JWT or an API key. Off unless named.
    ///
    /// The rules of [`with_cookie`](CredentialRules::with_cookie) hold for it: unsafe methods count only from the same
    /// origin, and it is cut out of the `Cookie` header that goes on.
    #[must_use]
    pub fn with_session_cookie(mut self, name: impl Into<String>) -> Self {
        self.session_cookie = Some(name.into());
        self
    }

    /// Where browsers find us: an `http` or `https` address, of which scheme, host and port count. It is what the
    /// header `Origin` of a request with the cookie, or with a JWT in a header of its own, is compared with.
    ///
    /// Without it only `Sec-Fetch-Site` says where a request comes from, which browsers from before 2023 may not
    /// send: their unsafe requests with the cookie are refused.
    #[must_use]
    pub fn with_origin(mut self, url: impl Into<String>) -> Self {
        self.origin = Some(url.into());
        self
    }

    /// The longest credential in bytes (8192 unless set; at most [`Self::MAX_LENGTH`]).
    #[must_use]
    pub const fn with_max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// The longest credential in bytes.
    #[must_use]
    pub const fn max_length(&self) -> usize {
        self.max_length
    }

    /// Headers in which services might read an identity, in place of [`CredentialRules::STRIP_HEADERS`]. A
    /// client's copies, look-alikes with `_` included, are removed on every outcome. A `*` at the end, behind
    /// at least three letters, stands for all names that begin so.
    ///
    /// `Txn-Token` and `X-Remint-*` are removed in any case: a transaction token is made inside the trust
    /// domain and not sent into it, and the others are ours to set.
    ///
    /// To let a proxy behind the edge have its `Proxy-Authorization`, give the list without that name:
    ///
    /// ```
    /// use http::HeaderName;
    /// use remint_credential::CredentialRules;
    ///
    /// let kept = CredentialRules::STRIP_HEADERS.into_iter().filter(|name| *name != "proxy-authorization");
    /// let rules = CredentialRules::default().with_strip_headers(kept.map(HeaderName::from_static));
    /// ```
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
    /// A header that would carry API keys and JWTs.
    #[error("a header carries API keys or JWTs, not both")]
    TwoMeanings,
    /// A `*` that does not stand at the end of a stripped header's name, or has fewer than three letters before
    /// it.
    #[error("a `*` stands only at the end of a stripped header's name, behind at least three letters")]
    Beginning,
    /// A cookie name that is not a token (RFC 6265 §4.1.1).
    #[error("a cookie name must be a token")]
    Cookie,
    /// One cookie that would carry JWTs and names of sessions.
    #[error("a cookie carries JWTs or names of sessions, not both")]
    CookieTwoMeanings,
    /// An origin that is no `http` or `https` address with a host, or has user information.
    #[error("an origin is an `http` or `https` address with a host and without user information")]
    Origin,
    /// More than 48 headers to watch.
    #[error("at most 48 headers can be watched")]
    TooMany,
    /// A length limit of zero or over [`CredentialRules::MAX_LENGTH`].
    #[error("the length limit must be positive, and at most 65536 bytes")]
    Length,
}
