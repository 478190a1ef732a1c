use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use url::Url;

use crate::address::is_https_or_loopback;
use crate::environment_proxy::EnvironmentProxy;
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
    insecure_hosts: Arc<[String]>,
    timeout: Duration,
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
            environment: None,
            ca_pem: Vec::new(),
            allow_http: false,
            insecure_hosts: Vec::new(),
        }
    }

    /// How long one exchange may take from the first byte to the last.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
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
        let is_named = |host: &str| self.insecure_hosts.iter().any(|named| named.eq_ignore_ascii_case(host));
        is_https_or_loopback(url)
            || (url.scheme() == "http" && (self.allow_http || url.host_str().is_some_and(is_named)))
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        self.get_with(url, &HeaderMap::new()).await
    }

    async fn get_with(&self, url: &Url, headers: &HeaderMap) -> Result<Vec<u8>, FetchError> {
        if !self.permits(url) {
            return Err(FetchError::forbidden(url));
        }
        let request = self.client.get(url.clone()).header("accept", ACCEPT).headers(headers.clone());
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
    environment: Option<EnvironmentProxy>,
    ca_pem: Vec<Vec<u8>>,
    allow_http: bool,
    insecure_hosts: Vec<String>,
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

    /// The proxies of the environment, for everything but this machine: `HTTPS_PROXY` and `HTTP_PROXY` for addresses
    /// of these schemes, `ALL_PROXY` for both, `NO_PROXY` for the hosts that are asked without one; or the same names in
    /// lower case. `variable` says what a variable is, such as `|name| std::env::var(name).ok()`. A
    /// [`proxy`](Self::proxy) goes before it.
    pub fn environment_proxy(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        self.environment = Some(EnvironmentProxy::read(variable));
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

    /// Permits plain `http` to these hosts too: names or addresses, without a port. Whoever can alter the traffic to
    /// one of them can say which keys are the issuer's, so it is for hosts inside of a cluster or a machine.
    pub fn insecure_http_to<T: Into<String>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.insecure_hosts.extend(hosts.into_iter().map(Into::into));
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
        let insecure_hosts = self.insecure_hosts.into();
        let (max_body, timeout) = (self.max_body, self.timeout);
        Ok(HttpClient { client, max_body, allow_http: self.allow_http, insecure_hosts, timeout })
    }

    fn prepare(&self) -> Result<reqwest::ClientBuilder, HttpClientError> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("remint/", env!("CARGO_PKG_VERSION")))
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout);
        let found = match (&self.proxy, &self.environment) {
            (Some(proxy), _) => vec![reqwest::Proxy::all(proxy)],
            (None, Some(environment)) => environment.proxies(),
            (None, None) => Vec::new(),
        };
        let without = self.environment.as_ref().filter(|_| self.proxy.is_none()).map(EnvironmentProxy::without);
        let without = format!("{THIS_MACHINE},{}", without.unwrap_or_default());
        found.into_iter().try_fold(builder, |builder, proxy| {
            let proxy = proxy.map_err(|_| HttpClientError { what: "the proxy's address", source: None })?;
            Ok(builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_string(&without))))
        })
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
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";

fn transport(error: reqwest::Error) -> FetchError {
    if error.is_timeout() { FetchError::Timeout } else { FetchError::Transport(error.without_url().into()) }
}
