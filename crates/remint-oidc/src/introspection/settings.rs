use std::sync::Arc;
use std::time::Duration;

use remint_oauth_client::{EndpointSettings, HttpSend, RotatingCredentials};

use super::Opaque;

/// How an issuer is asked about its tokens (RFC 7662), in place of its keys.
///
/// Asked about are JWTs whose `iss` is the trust's issuer, and texts in `Authorization: Bearer` (or
/// `DPoP`) that are neither a JWT nor, where the authenticator of API keys stands before this one, of a
/// format that it knows. Unless a [prefix](Introspection::opaque_prefix) is named, that is any such text,
/// and then no other trust may take opaque tokens: a token is never sent to an issuer that it does not
/// belong to, as far as can be told.
///
/// ```
/// use remint_core::ClientId;
/// use remint_oidc::{ClientCredentials, ClientSecret, Introspection, Trust};
///
/// let secret = ClientSecret::new("…");
/// let credentials = ClientCredentials::secret_basic(ClientId::new("edge-1")?, secret);
/// let trust = Trust::oidc("https://idp.example", "api")
///     .introspection(Introspection::new(credentials).opaque_prefix("ory_at_"));
/// # let _ = trust;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Introspection {
    pub(super) credentials: RotatingCredentials,
    pub(super) endpoint: Option<String>,
    pub(super) opaque: Opaque,
    pub(super) again_after: Duration,
    pub(super) without_audience: bool,
    pub(super) http: Option<Arc<dyn HttpSend>>,
    pub(super) settings: EndpointSettings,
}

impl Introspection {
    /// Asks as this client. The endpoint is the `introspection_endpoint` that the issuer names by
    /// discovery (RFC 8414 §2).
    pub fn new(credentials: impl Into<RotatingCredentials>) -> Self {
        Self {
            credentials: credentials.into(),
            endpoint: None,
            opaque: Opaque::Prefix("".into()),
            again_after: Duration::from_secs(60),
            without_audience: false,
            http: None,
            settings: EndpointSettings::default(),
        }
    }

    /// The endpoint, without discovery.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// With what each of its opaque tokens begins. No text that begins otherwise is sent to it.
    pub fn opaque_prefix(mut self, prefix: impl Into<Box<str>>) -> Self {
        self.opaque = Opaque::Prefix(prefix.into());
        self
    }

    /// It has no opaque tokens: only JWTs of its `iss` are sent to it.
    pub fn jwts_only(mut self) -> Self {
        self.opaque = Opaque::None;
        self
    }

    /// How long an answer counts (60 seconds unless set, at least 5): neither a cached entry nor an
    /// internal token that was made of it lives longer, so within that time the issuer's own revocation
    /// takes effect everywhere.
    pub const fn again_after(mut self, again_after: Duration) -> Self {
        self.again_after = again_after;
        self
    }

    /// Accepts answers that name no audience, if they say their `token_type`. Whoever runs any service
    /// that this issuer's users sign in to can then present here the tokens they get there.
    pub const fn insecure_without_audience(mut self) -> Self {
        self.without_audience = true;
        self
    }

    /// The client that asks: for a proxy or a certificate authority of one's own. Discovery goes by the
    /// authenticator's.
    pub fn http(mut self, http: Arc<dyn HttpSend>) -> Self {
        self.http = Some(http);
        self
    }

    /// Deadline, retries, the size of an answer, and when the issuer is left alone.
    pub const fn endpoint_settings(mut self, settings: EndpointSettings) -> Self {
        self.settings = settings;
        self
    }
}
