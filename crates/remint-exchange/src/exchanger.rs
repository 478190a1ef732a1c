use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Audience, Clock, Credential, CredentialRef, DeniedKind, Exchanged, Exchanger, IssuerId, Refusal, RevocationLog,
    Unavailable, UnavailableKind,
};
use remint_keyset::KeySet;
use remint_oauth_client::{Endpoint, EndpointError, ErrorCode, Form, RotatingCredentials};
use remint_token::urn;
use remint_wait::{NotWaited, Place, Places, Shares};
use tokio::time::{Instant, timeout_at};

use crate::answer::{AnswerError, believe};
use crate::builder::RemoteExchangerBuilder;
use crate::settings::Settings;
use crate::subject::SubjectToken;
use crate::telemetry;

/// Exchanges credentials at an authorization server (RFC 8693). A clone is another handle to the same
/// one.
#[derive(Clone)]
pub struct RemoteExchanger(Arc<Inner>);

struct Inner {
    settings: Settings,
    endpoint: Endpoint,
    keys: KeySet,
    clock: Arc<dyn Clock>,
    deadline: Duration,
    tokens: Shares,
    api_keys: Places,
    log: Option<Arc<dyn RevocationLog>>,
}

impl RemoteExchanger {
    /// An exchanger at the server that is `issuer`, for tokens for `audience`, as the client that
    /// `credentials` say.
    pub fn builder(
        issuer: IssuerId,
        audience: Audience,
        credentials: impl Into<RotatingCredentials>,
    ) -> RemoteExchangerBuilder {
        RemoteExchangerBuilder::new(issuer, audience, credentials.into())
    }

    pub(crate) fn new(
        settings: Settings,
        endpoint: Endpoint,
        keys: KeySet,
        clock: Arc<dyn Clock>,
        deadline: Duration,
        log: Option<Arc<dyn RevocationLog>>,
    ) -> Self {
        let (tokens, api_keys) = (Shares::new(settings.max_waiting), Places::new(settings.max_waiting));
        Self(Arc::new(Inner { settings, endpoint, keys, clock, deadline, tokens, api_keys, log }))
    }

    /// Fetches the server's keys, and from now on again and again in the background. It returns when
    /// the first fetch has ended, well or not: a server that does not answer does not keep an edge from
    /// starting. It must be called within a Tokio runtime.
    pub async fn start(&self) {
        self.0.keys.start().await;
    }

    /// The token endpoint: its breaker, and its credentials, which can be replaced.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// The server's keys.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.0.keys
    }

    /// For whom the tokens are.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.0.settings.audience
    }

    /// The server.
    #[must_use]
    pub fn issuer(&self) -> &IssuerId {
        &self.0.settings.issuer
    }
}

#[async_trait]
impl Exchanger for RemoteExchanger {
    async fn exchange(&self, credential: Credential<'_>) -> Result<Exchanged, Refusal> {
        let inner = &*self.0;
        let deadline = Instant::now() + inner.deadline;
        let subject = SubjectToken::read(credential, &inner.settings, inner.clock.now())?;
        let _place = inner.place(&subject)?;
        let answer = inner.endpoint.call(&inner.form(&subject)).await.map_err(|error| inner.refusal(error))?;
        let believed = believe(&answer, subject, &inner.settings, &inner.keys, &*inner.clock);
        match timeout_at(deadline, believed).await {
            Ok(Ok(exchanged)) => Ok(exchanged),
            Ok(Err(error)) => Err(inner.not_believed(error).into()),
            Err(_) => Err(unavailable(Late).into()),
        }
    }

    fn revocation_log(&self) -> Option<Arc<dyn RevocationLog>> {
        self.0.log.clone()
    }
}

impl Inner {
    /// Nothing is sent without one: strangers decide how many credentials there are to be asked about, and a
    /// caller who hangs up ends no exchange.
    fn place(&self, subject: &SubjectToken<'_>) -> Result<(Place<'_>, Option<Place<'_>>), NotWaited> {
        match &subject.reference {
            Some(CredentialRef::Jwt { issuer, .. }) => self.tokens.take(issuer.as_str()),
            _ if subject.token_type == urn::API_KEY => Ok((self.api_keys.take()?, None)),
            _ => self.tokens.take(""),
        }
    }

    fn form(&self, subject: &SubjectToken<'_>) -> Form {
        let mut form = Form::new()
            .with("grant_type", urn::TOKEN_EXCHANGE)
            .with("subject_token", subject.text)
            .with("subject_token_type", subject.token_type)
            .with("requested_token_type", urn::ACCESS_TOKEN)
            .with("audience", self.settings.audience.as_str());
        for (name, value) in &self.settings.parameters {
            form.push(*name, value.as_str());
        }
        form
    }

    /// RFC 8693 §2.2.2: a subject token that is not valid is `invalid_request`; some say
    /// `invalid_grant`; with 400 (RFC 6749 §5.2). Everything else is between the server and us.
    fn refusal(&self, error: EndpointError) -> Refusal {
        if let EndpointError::Refused(refused) = &error {
            match refused.code() {
                ErrorCode::InvalidRequest | ErrorCode::InvalidGrant if refused.status() == 400 => {
                    return DeniedKind::NotExchanged.into();
                }
                _ => telemetry::refused(&self.settings.issuer, *refused),
            }
        }
        error.into_unavailable(UnavailableKind::Issuer).into()
    }

    fn not_believed(&self, error: AnswerError) -> Unavailable {
        telemetry::not_believed(&self.settings.issuer, &error);
        let retry_after = match &error {
            AnswerError::Keys(unavailable) => unavailable.retry_after(),
            _ => SOON,
        };
        unavailable(error).with_retry_after(retry_after)
    }
}

impl fmt::Debug for RemoteExchanger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteExchanger")
            .field("issuer", &self.0.settings.issuer)
            .field("audience", &self.0.settings.audience)
            .field("endpoint", &self.0.endpoint)
            .field("keys", &self.0.keys)
            .finish_non_exhaustive()
    }
}

fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Unavailable {
    Unavailable::new(UnavailableKind::Issuer).with_source(cause)
}

#[derive(Debug, thiserror::Error)]
#[error("the keys for the issued token did not come in time")]
struct Late;

const SOON: Duration = Duration::from_secs(1);
