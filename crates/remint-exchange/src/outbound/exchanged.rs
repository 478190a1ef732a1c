use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use remint_cache::{Fingerprint, Fingerprinter, LifetimeRule, MemoryTier, SingleFlight, Validity};
use remint_core::{Audience, Clock, Scopes, Slot, SystemClock, Timestamp, Unavailable};
use remint_jwt::{Jws, Rounding};
use remint_oauth_client::{Endpoint, Form, Url};
use remint_revocation::{Moment, TableStamp};
use remint_token::urn;
use remint_wait::Places;

use super::{CallerToken, OutboundError, OutboundToken, TokenSource, answer};

/// The caller's token, exchanged for the next audience (RFC 8693).
///
/// What came of an exchange is kept for the same caller's token, and used no longer than that token or
/// the new one lasts, whichever is less. A source is for one audience and one set of scopes, so nothing
/// is shared between two of them. Errors are not kept.
///
/// A token that is no access token is made for one request and kept for none: two transactions of one
/// caller are not one.
#[derive(Clone)]
pub struct ExchangedTokens(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    form: Form,
    subject_token_type: Box<str>,
    requested_token_type: Box<str>,
    is_shared: bool,
    actor: Option<Arc<dyn TokenSource>>,
    clock: Arc<dyn Clock>,
    lifetime: LifetimeRule,
    fingerprinter: Fingerprinter,
    memory: MemoryTier<OutboundToken>,
    fetches: SingleFlight<Result<OutboundToken, OutboundError>>,
    waiting: Places,
}

impl ExchangedTokens {
    /// Tokens for `audience`, exchanged at `endpoint`.
    pub fn builder(endpoint: Endpoint, audience: Audience) -> ExchangedTokensBuilder {
        ExchangedTokensBuilder {
            endpoint,
            audience,
            parameters: Form::new(),
            subject_token_type: urn::ACCESS_TOKEN.into(),
            requested_token_type: urn::ACCESS_TOKEN.into(),
            actor: None,
            clock: Arc::new(SystemClock),
            lifetime: LifetimeRule::default(),
            capacity: 8 << 20,
        }
    }
}

#[async_trait]
impl TokenSource for ExchangedTokens {
    async fn token(&self, caller: Option<&CallerToken>) -> Result<OutboundToken, OutboundError> {
        let caller = caller.ok_or(OutboundError::NoCaller)?;
        if !self.0.is_shared {
            return self.0.exchange(caller).await;
        }
        let fingerprint = self.0.fingerprinter.fingerprint(Slot::Bearer, caller.expose_secret().as_bytes());
        if let Some(token) = self.0.memory.get(&fingerprint, self.0.clock.now()) {
            return Ok(token);
        }
        let (inner, caller) = (Arc::clone(&self.0), caller.clone());
        let work = || async move {
            let token = inner.exchange(&caller).await?;
            inner.keep(fingerprint, &token, &caller);
            Ok(token)
        };
        self.0.fetches.join(fingerprint, work, Err(OutboundError::lost())).await
    }
}

impl Inner {
    async fn exchange(&self, caller: &CallerToken) -> Result<OutboundToken, OutboundError> {
        let _place = self.waiting.take().map_err(|full| OutboundError::Unavailable(full.into()))?;
        let mut form = self.form.clone();
        form.push("subject_token", caller.expose_secret());
        form.push("subject_token_type", &*self.subject_token_type);
        if let Some(actor) = &self.actor {
            form.push("actor_token", actor.token(None).await?.expose_secret());
            form.push("actor_token_type", urn::ACCESS_TOKEN);
        }
        let answer = self.endpoint.call(&form).await.map_err(OutboundError::of_exchange)?;
        Ok(answer::read(&answer, Some(&self.requested_token_type), self.clock.now())?)
    }

    fn keep(&self, fingerprint: Fingerprint, token: &OutboundToken, caller: &CallerToken) {
        let now = self.clock.now();
        // The server verified it; here it says only when it ends.
        let subject = Jws::parse_external(caller.expose_secret())
            .ok()
            .and_then(|jws| jws.unverified_claims().rounded("exp", Rounding::Down).ok().flatten());
        let use_until = self.lifetime.use_until(now, token.expires_at(), subject.unwrap_or(Timestamp::MAX));
        let (stamp, authenticated) = (TableStamp::default(), Moment::default());
        let validity = Validity { use_until, stamp, authenticated };
        self.memory.insert(fingerprint, token.clone(), validity, &[], now);
    }
}

impl fmt::Debug for ExchangedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangedTokens")
            .field("endpoint", &self.0.endpoint)
            .field("memory", &self.0.memory)
            .finish_non_exhaustive()
    }
}

/// The settings of [`ExchangedTokens`].
#[must_use]
#[derive(Debug)]
pub struct ExchangedTokensBuilder {
    endpoint: Endpoint,
    audience: Audience,
    parameters: Form,
    subject_token_type: Box<str>,
    requested_token_type: Box<str>,
    actor: Option<Arc<dyn TokenSource>>,
    clock: Arc<dyn Clock>,
    lifetime: LifetimeRule,
    capacity: u64,
}

impl ExchangedTokensBuilder {
    /// The `scope` of the request: what is left of the caller's scopes. Unless set, the server decides.
    pub fn scope(self, scopes: &Scopes) -> Self {
        self.parameter("scope", scopes.to_string())
    }

    /// A `resource` of the request (RFC 8707). May be called repeatedly.
    pub fn resource(self, resource: &Url) -> Self {
        self.parameter("resource", resource.as_str())
    }

    /// A further parameter of each request, such as `request_context` of a transaction token's.
    pub fn parameter(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push(name, value);
        self
    }

    /// What the caller's token is sent as (`urn:ietf:params:oauth:token-type:access_token` unless set).
    pub fn subject_token_type(mut self, token_type: impl Into<Box<str>>) -> Self {
        self.subject_token_type = token_type.into();
        self
    }

    /// What is asked for (`urn:ietf:params:oauth:token-type:access_token` unless set). What is neither
    /// that nor `…:jwt` is no access token, and must come back with `token_type` N_A.
    pub fn requested_token_type(mut self, token_type: impl Into<Box<str>>) -> Self {
        self.requested_token_type = token_type.into();
        self
    }

    /// Asks for transaction tokens; the audience is the trust domain. They are sent with
    /// [`OutboundLayer::transaction`](super::OutboundLayer::transaction).
    pub fn transaction_tokens(self) -> Self {
        self.requested_token_type(urn::TRANSACTION_TOKEN)
    }

    /// Sends this source's token along as the `actor_token`: this service acts for the caller, and the new
    /// token says so.
    pub fn actor(mut self, source: impl TokenSource) -> Self {
        self.actor = Some(Arc::new(source));
        self
    }

    /// How long a token is kept (five minutes at most, and until 15 seconds before its end, unless set).
    pub const fn lifetime(mut self, lifetime: LifetimeRule) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// How many bytes of tokens are kept (8 MiB unless set).
    pub const fn capacity(mut self, bytes: u64) -> Self {
        self.capacity = bytes;
        self
    }

    /// Where the time comes from (the system unless set).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    /// The source.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn build(self) -> Result<ExchangedTokens, Unavailable> {
        let mut form = Form::new()
            .with("grant_type", urn::TOKEN_EXCHANGE)
            .with("requested_token_type", &*self.requested_token_type)
            .with("audience", self.audience.as_str());
        form.append(self.parameters);
        Ok(ExchangedTokens(Arc::new(Inner {
            endpoint: self.endpoint,
            form,
            subject_token_type: self.subject_token_type,
            actor: self.actor,
            clock: self.clock,
            lifetime: self.lifetime,
            fingerprinter: Fingerprinter::new(self.audience.as_str(), &self.requested_token_type)?,
            is_shared: urn::is_access(&self.requested_token_type),
            requested_token_type: self.requested_token_type,
            memory: MemoryTier::new(self.capacity, None),
            fetches: SingleFlight::new(),
            waiting: Places::new(MAX_WAITING),
        })))
    }
}

/// Callers' tokens that wait for the server at once; one more gets no token.
const MAX_WAITING: usize = 1024;
