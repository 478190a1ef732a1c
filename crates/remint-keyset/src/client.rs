use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::address::is_https_or_loopback;
use crate::{FetchError, HttpFetch};

/// [`HttpFetch`] over the network.
///
/// It follows no redirect, sends no credential and keeps no cookie. It asks for answers as they are or compressed
/// (gzip); limits on their size are on what they are when unpacked. A clone shares the connections.
#[derive(Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    max_body: usize,
    allow_http: bool,
}

impl HttpClient {
    /// A client with every default.
    ///
    /// # Errors
    ///
    /// [`HttpClientError`] if TLS cannot be set up.
    pub fn new() -> Result<Self, HttpClientError> {
        Self::builder().build()
    }

    /// The settings, each at its default.
    pub fn builder() -> HttpClientBuilder {
        HttpClientBuilder {
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
            max_body: 512 * 1024,
            proxy: None,
            ca_pem: Vec::new(),
            allow_http: false,
        }
    }

    /// Sends a request of any kind, by the same rules: no redirect, no address that is not
    /// permitted, no more time than the client's. The answer comes with whatever status it has; at
    /// most `max_body` bytes of it are read, and no more than the client's own limit.
    ///
    /// # Errors
    ///
    /// [`FetchError`] by kind; never [`FetchError::Status`].
    pub async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        max_body: usize,
    ) -> Result<http::Response<Vec<u8>>, FetchError> {
        let request = reqwest::Request::try_from(request).map_err(transport)?;
        if !self.permits(request.url()) {
            return Err(FetchError::forbidden(request.url()));
        }
        let mut answer = self.client.execute(request).await.map_err(transport)?;
        let mut received = http::Response::new(Vec::new());
        *received.status_mut() = answer.status();
        *received.headers_mut() = std::mem::take(answer.headers_mut());
        *received.body_mut() = Self::read(answer, max_body.min(self.max_body)).await?;
        Ok(received)
    }

    async fn read(mut answer: reqwest::Response, max_body: usize) -> Result<Vec<u8>, FetchError> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(transport)? {
            if chunk.len() > max_body.saturating_sub(body.len()) {
                return Err(FetchError::TooLarge(max_body));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

#[async_trait]
impl HttpFetch for HttpClient {
    fn permits(&self, url: &Url) -> bool {
        is_https_or_loopback(url) || (self.allow_http && url.scheme() == "http")
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        if !self.permits(url) {
            return Err(FetchError::forbidden(url));
        }
        let request = self.client.get(url.clone()).header("accept", ACCEPT);
        let answer = request.send().await.map_err(transport)?;
        match answer.status() {
            reqwest::StatusCode::OK => Self::read(answer, self.max_body).await,
            status => Err(FetchError::Status(status.as_u16())),
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("max_body", &self.max_body)
            .field("allow_http", &self.allow_http)
            .finish_non_exhaustive()
    }
}

/// The settings of an [`HttpClient`].
#[must_use]
pub struct HttpClientBuilder {
    timeout: Duration,
    connect_timeout: Duration,
    max_body: usize,
    proxy: Option<String>,
    ca_pem: Vec<Vec<u8>>,
    allow_http: bool,
}

impl HttpClientBuilder {
    /// How long one exchange may take from the first byte to the last (5 s unless set).
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take, TLS included (2 s unless set).
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The largest body that is read, in bytes (512 KiB unless set).
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// An HTTP proxy for everything but this machine, such as `http://proxy.example:3128`; a user
    /// and password may stand in it. Unless set, none is used: the environment is not read.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Certificates to trust beside the system's: one or more in PEM. May be called repeatedly.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem.push(pem.into());
        self
    }

    /// Permits plain `http` to other machines too. Whoever can alter that traffic can then say
    /// which keys are the issuer's.
    pub const fn insecure_allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// Prepares the client.
    ///
    /// A machine without any certificate authority of its own gets a client that can reach this
    /// machine only (and says so in the log), so that a service can start there.
    ///
    /// # Errors
    ///
    /// [`HttpClientError`] if the proxy's address or a certificate cannot be read, or TLS cannot
    /// be set up.
    pub fn build(self) -> Result<HttpClient, HttpClientError> {
        let mut certificates = Vec::new();
        for pem in &self.ca_pem {
            let found = reqwest::Certificate::from_pem_bundle(pem).map_err(HttpClientError::certificate)?;
            if found.is_empty() {
                return Err(HttpClientError { what: "the CA certificate", source: None });
            }
            certificates.extend(found);
        }
        let with_system = self.prepare()?.tls_certs_merge(certificates.clone()).build();
        let client = match with_system {
            Ok(client) => client,
            Err(error) if certificates.is_empty() => {
                tracing::warn!(target: "remint", %error, "no certificate authority was found: https will not work");
                self.prepare()?.tls_certs_only([]).build().map_err(HttpClientError::tls)?
            }
            Err(error) => return Err(HttpClientError::tls(error)),
        };
        Ok(HttpClient { client, max_body: self.max_body, allow_http: self.allow_http })
    }

    fn prepare(&self) -> Result<reqwest::ClientBuilder, HttpClientError> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("remint/", env!("CARGO_PKG_VERSION")))
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout);
        let Some(proxy) = &self.proxy else { return Ok(builder) };
        let proxy =
            reqwest::Proxy::all(proxy).map_err(|_| HttpClientError { what: "the proxy's address", source: None })?;
        let this_machine = reqwest::NoProxy::from_string("localhost,127.0.0.0/8,::1");
        Ok(builder.proxy(proxy.no_proxy(this_machine)))
    }
}

impl fmt::Debug for HttpClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientBuilder")
            .field("timeout", &self.timeout)
            .field("max_body", &self.max_body)
            .field("proxy", &self.proxy.is_some())
            .field("allow_http", &self.allow_http)
            .finish_non_exhaustive()
    }
}

/// A setting of the HTTP client that cannot be used. It does not show the setting, which may hold
/// a password.
#[derive(Debug, thiserror::Error)]
#[error("{what} cannot be used")]
pub struct HttpClientError {
    what: &'static str,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl HttpClientError {
    fn certificate(source: reqwest::Error) -> Self {
        Self { what: "the CA certificate", source: Some(source.into()) }
    }

    fn tls(source: reqwest::Error) -> Self {
        Self { what: "the TLS configuration", source: Some(source.into()) }
    }
}

/// What a provider may answer with; Kubernetes has its key set as the first and as nothing else.
const ACCEPT: &str = "application/jwk-set+json, application/json;q=0.9, */*;q=0.1";

fn transport(error: reqwest::Error) -> FetchError {
    if error.is_timeout() { FetchError::Timeout } else { FetchError::Transport(error.without_url().into()) }
}
