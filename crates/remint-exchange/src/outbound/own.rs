use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use remint_cache::{Fingerprint, Fingerprinter, InFlight, SingleFlight};
use remint_core::{Audience, Clock, Scopes, Slot, SystemClock, Timestamp, Unavailable};
use remint_oauth_client::{Endpoint, Form, Url};

use super::{CallerToken, OutboundError, OutboundToken, TokenSource, answer};

/// This service's own token (`client_credentials`, RFC 6749 §4.4).
///
/// It is kept until shortly before its end, and fetched anew beside the requests when a fifth of its
/// lifetime is left (a minute at most): a server that is gone for a while then keeps nobody waiting. One
/// fetch is under way at a time.
#[derive(Clone)]
pub struct ClientCredentialsTokens(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    form: Form,
    clock: Arc<dyn Clock>,
    held: ArcSwapOption<Held>,
    fetches: SingleFlight<Result<OutboundToken, OutboundError>>,
    /// The one name that this source's fetch goes by.
    name: Fingerprint,
}

struct Held {
    token: OutboundToken,
    refresh_from: Timestamp,
    use_until: Timestamp,
}

impl ClientCredentialsTokens {
    /// Tokens of who the endpoint's credentials say, for `audience` if given, with `scopes` if any are
    /// given.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn new(endpoint: Endpoint, audience: Option<&Audience>, scopes: &Scopes) -> Result<Self, Unavailable> {
        Self::with_clock(endpoint, audience, scopes, &[], SystemClock)
    }

    /// The same with resources (RFC 8707) and another clock.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn with_clock(
        endpoint: Endpoint,
        audience: Option<&Audience>,
        scopes: &Scopes,
        resources: &[Url],
        clock: impl Clock,
    ) -> Result<Self, Unavailable> {
        let mut form = Form::new().with("grant_type", "client_credentials");
        if let Some(audience) = audience {
            form.push("audience", audience.as_str());
        }
        if !scopes.is_empty() {
            form.push("scope", scopes.to_string());
        }
        for resource in resources {
            form.push("resource", resource.as_str());
        }
        let name = Fingerprinter::new("", "")?.fingerprint(Slot::Bearer, b"");
        let (held, fetches, clock) = (ArcSwapOption::empty(), SingleFlight::new(), clock.into_arc());
        Ok(Self(Arc::new(Inner { endpoint, form, clock, held, fetches, name })))
    }

    /// Joins the fetch in progress, or starts one. The fetch continues if the caller is dropped.
    fn fetch(&self) -> InFlight<Result<OutboundToken, OutboundError>> {
        let inner = Arc::clone(&self.0);
        self.0.fetches.join(self.0.name, || async move { inner.fetch().await }, Err(OutboundError::lost()))
    }
}

#[async_trait]
impl TokenSource for ClientCredentialsTokens {
    async fn token(&self, _: Option<&CallerToken>) -> Result<OutboundToken, OutboundError> {
        let now = self.0.clock.now();
        if let Some(held) = self.0.held.load().as_deref().filter(|held| now < held.use_until) {
            if now >= held.refresh_from {
                drop(self.fetch());
            }
            return Ok(held.token.clone());
        }
        self.fetch().await
    }
}

impl Inner {
    async fn fetch(&self) -> Result<OutboundToken, OutboundError> {
        let answer = self.endpoint.call(&self.form).await.map_err(OutboundError::of_own)?;
        let now = self.clock.now();
        let token = answer::read(&answer, None, now)?;
        let ends = token.expires_at();
        let margin = (ends.saturating_duration_since(now) / 5).min(LONGEST_MARGIN);
        let held = Held {
            token: token.clone(),
            refresh_from: ends.saturating_sub(margin),
            use_until: ends.saturating_sub(margin.min(LEAST_LEFT)),
        };
        self.held.store(Some(Arc::new(held)));
        Ok(token)
    }
}

impl fmt::Debug for ClientCredentialsTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentialsTokens")
            .field("endpoint", &self.0.endpoint)
            .field("holds", &self.0.held.load().is_some())
            .finish_non_exhaustive()
    }
}

const LONGEST_MARGIN: Duration = Duration::from_secs(60);
/// What a token has left when it leaves.
const LEAST_LEFT: Duration = Duration::from_secs(10);
