use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use remint_core::{Clock, SystemClock};
use remint_keyset::FetchError;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::answer::Document;
use crate::breaker::Breaker;
use crate::retry::Patience;
use crate::{
    BreakerSettings, BreakerState, ClientCredentials, DiscoveredServer, EndpointError, ErrorCode, Failure, FailureKind,
    Form, HttpSend, OAuthError, RotatingCredentials, answer, telemetry,
};

/// Where an endpoint is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EndpointAddress {
    /// Here.
    Fixed(Url),
    /// Where the server's `token_endpoint` is.
    Token(DiscoveredServer),
    /// Where the server's `introspection_endpoint` is.
    Introspection(DiscoveredServer),
    /// Where the server's [revocation log](remint_token::revocation_log) is. One whose metadata names none refuses
    /// it, as with 404.
    RevocationLog(DiscoveredServer),
}

/// How an endpoint is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointSettings {
    /// How long a call may take, with all its attempts and the discovery before them (2 seconds unless
    /// set). One attempt takes no longer than the HTTP client lets it.
    pub deadline: Duration,
    /// How often a call is made again that may be (2 unless set).
    pub retries: u32,
    /// The largest answer that is read, in bytes (64 KiB unless set).
    pub max_answer: usize,
    /// When the server is left alone.
    pub breaker: BreakerSettings,
}

impl Default for EndpointSettings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(2),
            retries: 2,
            max_answer: 64 * 1024,
            breaker: BreakerSettings::default(),
        }
    }
}

/// One endpoint of an authorization server: a form goes there with our credentials, a JSON object comes
/// back. A clone is another handle to the same one, breaker included.
///
/// It is for requests that change nothing where they are repeated: a token exchange, client credentials,
/// an introspection.
#[derive(Clone)]
pub struct Endpoint(Arc<Inner>);

struct Inner {
    name: Box<str>,
    address: EndpointAddress,
    credentials: RotatingCredentials,
    http: Arc<dyn HttpSend>,
    clock: Arc<dyn Clock>,
    breaker: Breaker,
    settings: EndpointSettings,
}

impl Endpoint {
    /// The endpoint at `address`, called by `http` as who `credentials` say.
    pub fn builder(
        address: EndpointAddress,
        credentials: impl Into<RotatingCredentials>,
        http: Arc<dyn HttpSend>,
    ) -> EndpointBuilder {
        let name = match &address {
            EndpointAddress::Fixed(url) => url.host_str().unwrap_or_default().into(),
            EndpointAddress::Token(server)
            | EndpointAddress::Introspection(server)
            | EndpointAddress::RevocationLog(server) => server.issuer().as_str().into(),
        };
        EndpointBuilder {
            name,
            address,
            credentials: credentials.into(),
            http,
            clock: Arc::new(SystemClock),
            settings: EndpointSettings::default(),
        }
    }

    /// Sends `form`, and gives the members of the answer.
    ///
    /// The caller may hang up at any time.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Refused`] if the server answered with an OAuth error,
    /// [`EndpointError::Failed`] if there is no answer that could be used.
    pub async fn call(&self, form: &Form) -> Result<Map<String, Value>, EndpointError> {
        let outcome = self.0.call(&Question::Post(form), self.0.settings.deadline, answer::read).await;
        telemetry::called(&self.0.name, &outcome);
        outcome
    }

    /// Asks for a document by `query`, and gives it. The server may wait for this long before it answers; the
    /// deadline is longer by as much.
    ///
    /// A secret goes as HTTP Basic, whichever way it goes with a form; an assertion as a Bearer. The query is part
    /// of an address, so it is no place for a credential.
    ///
    /// The caller may hang up at any time.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Refused`] if the server answered with 400, 401, 403, 404 or 405,
    /// [`EndpointError::Failed`] if there is no answer that could be used.
    pub async fn get(&self, query: &Form, wait: Duration) -> Result<Document, EndpointError> {
        let deadline = self.0.settings.deadline.saturating_add(wait);
        let outcome = self.0.call(&Question::Get(query), deadline, answer::read_document).await;
        telemetry::called(&self.0.name, &outcome);
        outcome
    }

    /// From now on these credentials.
    pub fn replace_credentials(&self, credentials: ClientCredentials) {
        self.0.credentials.replace(credentials);
    }

    /// The credentials, which may be shared with other endpoints.
    #[must_use]
    pub fn credentials(&self) -> &RotatingCredentials {
        &self.0.credentials
    }

    /// Whether the server is asked at present.
    #[must_use]
    pub fn breaker(&self) -> BreakerState {
        self.0.breaker.state()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("name", &self.0.name)
            .field("credentials", &self.0.credentials)
            .field("breaker", &self.0.breaker)
            .finish_non_exhaustive()
    }
}

/// What an endpoint is asked, and how.
enum Question<'a> {
    Post(&'a Form),
    Get(&'a Form),
}

/// How an answer is read.
type Reader<T> = fn(&Response<Vec<u8>>) -> Result<T, EndpointError>;

impl Inner {
    async fn call<T>(&self, question: &Question<'_>, within: Duration, read: Reader<T>) -> Result<T, EndpointError> {
        let deadline = Instant::now() + within;
        let url = self.locate(deadline).await?;
        let mut patience = Patience::new(self.settings.retries, deadline);
        let mut renewed = false;
        loop {
            let credentials = self.credentials.current();
            let error = match self.attempt(question, &url, &credentials, deadline, read).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // Whatever the status: too many failures as this client (429) may be ours of a moment ago.
            if !renewed && error.code() == Some(ErrorCode::InvalidClient) {
                renewed = true;
                if self.has_others_than(&credentials, deadline).await {
                    continue;
                }
            }
            match error {
                EndpointError::Failed(failure) if patience.waits_after(&failure).await => {}
                error => return Err(error),
            }
        }
    }

    async fn locate(&self, deadline: Instant) -> Result<Url, EndpointError> {
        let (server, pick): (_, fn(&crate::ServerMetadata) -> Option<&Url>) = match &self.address {
            EndpointAddress::Fixed(url) => return Ok(url.clone()),
            EndpointAddress::Token(server) => (server, |metadata| metadata.token_endpoint.as_ref()),
            EndpointAddress::Introspection(server) => (server, |metadata| metadata.introspection_endpoint.as_ref()),
            EndpointAddress::RevocationLog(server) => (server, |metadata| metadata.revocation_log.as_ref()),
        };
        let metadata = timeout_at(deadline, server.metadata()).await;
        let metadata = metadata.unwrap_or_else(|_| Err(Failure::new(FailureKind::Timeout)))?;
        match (pick(&metadata), &self.address) {
            (Some(url), _) => Ok(url.clone()),
            (None, EndpointAddress::RevocationLog(_)) => Err(OAuthError::new(ErrorCode::Other, 404).into()),
            (None, _) => Err(Failure::new(FailureKind::Discovery).into()),
        }
    }

    /// One request, if the breaker lets it through; what comes of it is the breaker's to know.
    async fn attempt<T>(
        &self,
        question: &Question<'_>,
        url: &Url,
        credentials: &ClientCredentials,
        deadline: Instant,
        read: Reader<T>,
    ) -> Result<T, EndpointError> {
        let permit =
            self.breaker.admit().map_err(|wait| Failure::new(FailureKind::BreakerOpen).with_retry_after(wait))?;
        let request = self.request(question, url, credentials)?;
        let sent = timeout_at(deadline, self.http.send(request, self.settings.max_answer)).await;
        let outcome = match sent.unwrap_or(Err(FetchError::Timeout)) {
            Ok(answer) => read(&answer),
            Err(error) => Err(unsent(error).into()),
        };
        let turned = if answered(&outcome) { permit.answered() } else { permit.failed() };
        telemetry::turned(&self.name, turned);
        outcome
    }

    fn request(
        &self,
        question: &Question<'_>,
        url: &Url,
        credentials: &ClientCredentials,
    ) -> Result<Request<Vec<u8>>, Failure> {
        let unusable = |error| Failure::new(FailureKind::Credentials).with_source(error);
        let at = |url: &Url| url.as_str().parse().map_err(|_| Failure::new(FailureKind::Forbidden));
        let (mut request, authorization) = match question {
            Question::Post(form) => {
                let (body, authorization) = credentials.authenticate(form, url, &*self.clock).map_err(unusable)?;
                let mut request = Request::new(body);
                *request.method_mut() = http::Method::POST;
                *request.uri_mut() = at(url)?;
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                request.headers_mut().insert(CONTENT_TYPE, form);
                (request, authorization)
            }
            Question::Get(query) => {
                let authorization = credentials.header(url, &*self.clock).map_err(unusable)?;
                let mut asked = url.clone();
                query.append_to(&mut asked);
                let mut request = Request::new(Vec::new());
                *request.uri_mut() = at(&asked)?;
                (request, Some(authorization))
            }
        };
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization);
        }
        Ok(request)
    }

    /// Whether there are newer credentials than those that the server did not know.
    async fn has_others_than(&self, used: &Arc<ClientCredentials>, deadline: Instant) -> bool {
        match timeout_at(deadline, self.credentials.moved_on(used)).await {
            Ok(Ok(moved)) => moved,
            Ok(Err(failure)) => {
                telemetry::not_reread(&self.name, &failure);
                false
            }
            Err(_) => false,
        }
    }
}

/// Whether the server is there: it is, if it has an opinion of the request, and if it says by an OAuth error
/// or 429 that it has none now. What strangers send it must not open the breaker.
const fn answered<T>(outcome: &Result<T, EndpointError>) -> bool {
    match outcome {
        Ok(_) | Err(EndpointError::Refused(OAuthError { .. })) => true,
        Err(EndpointError::Failed(failure)) => failure.is_answered(),
    }
}

fn unsent(error: FetchError) -> Failure {
    let kind = match error {
        FetchError::Timeout => FailureKind::Timeout,
        FetchError::TooLarge(_) => FailureKind::TooLarge,
        FetchError::Forbidden(_) => FailureKind::Forbidden,
        FetchError::Status(status) => FailureKind::Status(status),
        _ => FailureKind::Transport,
    };
    Failure::new(kind).with_source(error)
}

/// The settings of an [`Endpoint`].
#[must_use]
#[derive(Debug)]
pub struct EndpointBuilder {
    name: Box<str>,
    address: EndpointAddress,
    credentials: RotatingCredentials,
    http: Arc<dyn HttpSend>,
    clock: Arc<dyn Clock>,
    settings: EndpointSettings,
}

impl EndpointBuilder {
    /// Its name in metrics and logs (the issuer or the host unless set).
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Where the time comes from, for the breaker and for assertions (the system unless set).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    /// How it is called.
    pub const fn settings(mut self, settings: EndpointSettings) -> Self {
        self.settings = settings;
        self
    }

    /// The endpoint.
    ///
    /// # Errors
    ///
    /// [`ForbiddenAddress`] if it has a fixed address that may not be asked.
    pub fn build(self) -> Result<Endpoint, ForbiddenAddress> {
        if let EndpointAddress::Fixed(url) = &self.address
            && (!self.http.permits(url) || url.fragment().is_some() || !url.username().is_empty())
        {
            return Err(ForbiddenAddress);
        }
        let Self { name, address, credentials, http, clock, settings } = self;
        let breaker = Breaker::new(settings.breaker, Arc::clone(&clock));
        Ok(Endpoint(Arc::new(Inner { name, address, credentials, http, clock, breaker, settings })))
    }
}

/// An endpoint's address that is neither `https` nor loopback `http`, or has a user or a fragment (RFC
/// 6749 §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint's address is not https (or loopback http) without user and fragment")]
pub struct ForbiddenAddress;
