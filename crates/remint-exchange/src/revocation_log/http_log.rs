use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Clock, Cursor, LogId, LoggedRevocation, Page as Asked, Position, Reading, RevocationLog, RowId, SystemClock,
    Target, Unavailable,
};
use remint_oauth_client::{
    BreakerSettings, Document, Endpoint, EndpointAddress, EndpointSettings, ForbiddenAddress, Form, HttpSend,
    RotatingCredentials,
};
use remint_token::revocation_log::{GAP, MAX_ROWS, MAX_WAIT, REWRITTEN};

use super::error::HttpLogError;
use super::page::Page;

/// The revocation log of an authorization server, read over HTTP (`GET /v1/revocations`) by a client that may
/// follow it.
///
/// Reading at the head waits at the server until there is a row, so that what is revoked there is known here at
/// once. The first question after one that failed does not wait: a node that was blind sees again as soon as the
/// server answers.
///
/// What a server says is read strictly: an answer of which a part cannot be read, a row that is not known, or a gap
/// between two rows is no answer. A clone is another handle to the same log.
///
/// ```
/// use std::sync::Arc;
///
/// use remint_core::{ClientId, IssuerId, SystemClock};
/// use remint_exchange::{ClientCredentials, ClientSecret, DiscoveredServer, EndpointAddress, HttpClient, HttpLog};
/// use remint_revocation::Revocations;
///
/// # async fn follow(secret: String) -> Result<Revocations, Box<dyn std::error::Error>> {
/// let http = Arc::new(HttpClient::new()?);
/// let server = DiscoveredServer::new(IssuerId::new("https://auth.internal")?, http.clone())?;
/// let credentials = ClientCredentials::secret_basic(ClientId::new("orders")?, ClientSecret::new(secret));
/// let log = HttpLog::builder(EndpointAddress::RevocationLog(server), credentials, http).build()?;
/// let revocations = Revocations::follow_only(Arc::new(log), SystemClock).await?;
/// # Ok(revocations) }
/// ```
#[derive(Clone)]
pub struct HttpLog(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    wait: Duration,
    /// The last question was answered.
    is_answered: AtomicBool,
}

impl HttpLog {
    /// The log at `address`, read by `http` as the client that `credentials` say. The timeout of `http` must be
    /// longer than [`wait`](HttpLogBuilder::wait).
    pub fn builder(
        address: EndpointAddress,
        credentials: impl Into<RotatingCredentials>,
        http: Arc<dyn HttpSend>,
    ) -> HttpLogBuilder {
        HttpLogBuilder { address, credentials: credentials.into(), http, clock: Arc::new(SystemClock), wait: WAIT }
    }

    /// The endpoint: its breaker, and its credentials, which can be replaced.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }
}

impl Inner {
    async fn ask(&self, query: Form, wait: Duration) -> Result<Document, HttpLogError> {
        let query = if wait.is_zero() { query } else { query.with("wait", format!("{}s", wait.as_secs())) };
        let answer = self.endpoint.get(&query, wait).await;
        self.is_answered.store(answer.is_ok(), Ordering::Relaxed);
        Ok(answer?)
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, HttpLogError> {
        let mut wait = if self.is_answered.load(Ordering::Relaxed) { self.wait } else { Duration::ZERO };
        let (mut rows, mut place) = (Vec::new(), cursor.clone());
        loop {
            let most = limit.saturating_sub(rows.len()).min(MAX_ROWS);
            if most == 0 {
                return Ok(Reading::Rows(rows));
            }
            let query = Form::new().with("after", place.to_string()).with("limit", most.to_string());
            let page = match self.ask(query, std::mem::take(&mut wait)).await? {
                Document::Found(document) => Page::after(document, &place, most)?,
                Document::Gone(problem) => return gone(problem.get("type").and_then(|kind| kind.as_str())),
                _ => return Err(UNKNOWN),
            };
            (rows, place) = ([rows, page.rows].concat(), page.cursor);
            if !page.has_more {
                return Ok(Reading::Rows(rows));
            }
        }
    }

    async fn kept(&self, log: &LogId, page: Asked<Position>) -> Result<Option<Vec<LoggedRevocation>>, HttpLogError> {
        let (mut rows, mut after) = (Vec::new(), page.after.unwrap_or_default());
        loop {
            let most = page.limit.saturating_sub(rows.len()).min(MAX_ROWS);
            if most == 0 {
                return Ok(Some(rows));
            }
            let place = Cursor { log: log.clone(), position: after, row: RowId::NONE };
            let query = Form::new().with("page", place.to_string()).with("limit", most.to_string());
            let page = match self.ask(query, Duration::ZERO).await? {
                Document::Found(document) => Page::kept(document, log, after, most)?,
                Document::Gone(_) => return Ok(None),
                _ => return Err(UNKNOWN),
            };
            after = page.rows.last().map_or(after, |row| row.position);
            rows.extend(page.rows);
            if !page.has_more {
                return Ok(Some(rows));
            }
        }
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, HttpLogError> {
        let mut rows = Vec::new();
        for targets in targets.chunks(TARGETS) {
            let mut query = Form::new();
            for target in targets {
                let text =
                    serde_json::to_string(target).map_err(|_| HttpLogError::Malformed("a target has no JSON"))?;
                query.push("target", text);
            }
            rows.extend(Page::latest(self.found(query).await?, targets)?.rows);
        }
        Ok(rows)
    }

    async fn found(&self, query: Form) -> Result<serde_json::Map<String, serde_json::Value>, HttpLogError> {
        match self.ask(query, Duration::ZERO).await? {
            Document::Found(document) => Ok(document),
            _ => Err(UNKNOWN),
        }
    }
}

fn gone(kind: Option<&str>) -> Result<Reading, HttpLogError> {
    match kind {
        Some(GAP) => Ok(Reading::Gap),
        Some(REWRITTEN) => Ok(Reading::Rewritten),
        _ => Err(UNKNOWN),
    }
}

#[async_trait]
impl RevocationLog for HttpLog {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        let document = self.0.found(Form::new().with("limit", "1")).await?;
        Ok(Page::read(document, 1)?.cursor)
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        Ok(self.0.read_after(cursor, limit).await?)
    }

    async fn kept(&self, log: &LogId, page: Asked<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        Ok(self.0.kept(log, page).await?)
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        Ok(self.0.latest(targets).await?)
    }

    /// Reading waits by itself.
    fn pause(&self) -> Duration {
        PAUSE
    }
}

impl fmt::Debug for HttpLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpLog")
            .field("endpoint", &self.0.endpoint)
            .field("wait", &self.0.wait)
            .finish_non_exhaustive()
    }
}

/// The settings of an [`HttpLog`].
#[derive(Debug)]
#[must_use]
pub struct HttpLogBuilder {
    address: EndpointAddress,
    credentials: RotatingCredentials,
    http: Arc<dyn HttpSend>,
    clock: Arc<dyn Clock>,
    wait: Duration,
}

impl HttpLogBuilder {
    /// How long a question waits at the server for a row, in whole seconds (1 second unless set; 30 at most). A
    /// server that is gone without a word is noticed after as long, and two seconds. It must be well below the
    /// longest time that entries may be used without a word of the log.
    pub const fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Where the time comes from, for the breaker and for assertions (the system unless set).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    /// The log. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`ForbiddenAddress`] if it has a fixed address that may not be asked.
    pub fn build(self) -> Result<HttpLog, ForbiddenAddress> {
        let Self { address, credentials, http, clock, wait } = self;
        let name = match &address {
            EndpointAddress::Fixed(url) => url.to_string(),
            EndpointAddress::Token(server)
            | EndpointAddress::Introspection(server)
            | EndpointAddress::RevocationLog(server) => format!("{} (revocation log)", server.issuer()),
            _ => String::new(),
        };
        let settings = EndpointSettings { max_answer: MAX_ANSWER, breaker: BREAKER, retries: 1, ..Default::default() };
        let endpoint =
            Endpoint::builder(address, credentials, http).name(name).clock(clock).settings(settings).build()?;
        let wait = Duration::from_secs(wait.min(MAX_WAIT).as_secs());
        Ok(HttpLog(Arc::new(Inner { endpoint, wait, is_answered: AtomicBool::new(false) })))
    }
}

const UNKNOWN: HttpLogError = HttpLogError::Malformed("it is none that was asked for");
const WAIT: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);
/// A page of rows is half of it at most.
const MAX_ANSWER: usize = 512 * 1024;
/// Of the longest, an address still has room for so many.
const TARGETS: usize = 8;
/// It is asked again soon: while the log is not read, nothing that is cached may be used for long.
const BREAKER: BreakerSettings =
    BreakerSettings { failures: 5, cool_down: Duration::from_millis(500), max_cool_down: Duration::from_secs(2) };
