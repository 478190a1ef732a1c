use std::sync::Arc;
use std::time::Duration;

use remint_core::{Clock, DeniedKind, IssuerId, Refusal, Unavailable, UnavailableKind};
use remint_jwt::Claims;
use remint_keyset::{HttpClient, HttpFetch, Url};
use remint_oauth_client::{
    DiscoveredServer, DiscoverySettings, Endpoint, EndpointAddress, EndpointError, Form, HttpSend,
};
use serde_json::Value;

use super::{Introspection, Opaque};
use crate::TrustErrorKind;

/// Asks one issuer about its tokens.
#[derive(Debug)]
pub(crate) struct Introspector {
    endpoint: Endpoint,
    server: Option<DiscoveredServer>,
    pub(crate) opaque: Opaque,
    pub(crate) again_after: Duration,
    pub(crate) without_audience: bool,
}

impl Introspector {
    pub(crate) fn new(
        settings: Introspection,
        issuer: &IssuerId,
        fetch: &Arc<dyn HttpFetch>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, TrustErrorKind> {
        if !settings.opaque.is_sound() {
            return Err(TrustErrorKind::OpaquePrefix);
        }
        if settings.again_after < SHORTEST {
            return Err(TrustErrorKind::AgainAfter);
        }
        let (address, server) = match settings.endpoint {
            Some(text) => {
                let url = Url::parse(&text).map_err(|_| TrustErrorKind::Address(text.into()))?;
                (EndpointAddress::Fixed(url), None)
            }
            None => {
                let server = discovered(issuer, fetch, clock)?;
                (EndpointAddress::Introspection(server.clone()), Some(server))
            }
        };
        let http: Arc<dyn HttpSend> = match settings.http {
            Some(http) => http,
            None => Arc::new(HttpClient::new().map_err(|_| TrustErrorKind::Http)?),
        };
        let forbidden = match &address {
            EndpointAddress::Fixed(url) => url.as_str().into(),
            _ => issuer.as_str().into(),
        };
        let endpoint = Endpoint::builder(address, settings.credentials, http)
            .name(issuer.as_str())
            .clock(Arc::clone(clock))
            .settings(settings.settings)
            .build()
            .map_err(|_| TrustErrorKind::Address(forbidden))?;
        let Introspection { opaque, again_after, without_audience, .. } = settings;
        Ok(Self { endpoint, server, opaque, again_after, without_audience })
    }

    /// Finds out where the endpoint is, as far as that can be had now.
    pub(crate) async fn start(&self) {
        if let Some(server) = &self.server {
            // Whoever asks first tries again.
            let _ = server.metadata().await;
        }
    }

    /// What the issuer says of the token (RFC 7662 §2): its claims, which nobody has judged yet.
    ///
    /// Whatever is not an answer of the standard is our outage: that the issuer does not know *us*, or
    /// cannot answer, says nothing of the token.
    pub(crate) async fn ask(&self, token: &str) -> Result<Claims, Refusal> {
        let form = Form::new().with("token", token).with("token_type_hint", "access_token");
        let answer = self.endpoint.call(&form).await.map_err(outage)?;
        match answer.get("active") {
            Some(Value::Bool(true)) => Ok(Claims::from(answer)),
            Some(Value::Bool(false)) => Err(DeniedKind::Inactive.into()),
            _ => Err(Unavailable::new(UnavailableKind::Introspection).with_source("the answer has no `active`").into()),
        }
    }
}

fn discovered(
    issuer: &IssuerId,
    fetch: &Arc<dyn HttpFetch>,
    clock: &Arc<dyn Clock>,
) -> Result<DiscoveredServer, TrustErrorKind> {
    let permitted = Url::parse(issuer.as_str()).is_ok_and(|url| fetch.permits(&url));
    if !permitted {
        return Err(TrustErrorKind::Address(issuer.as_str().into()));
    }
    let settings = DiscoverySettings::default();
    DiscoveredServer::with_settings(issuer.clone(), Arc::clone(fetch), Arc::clone(clock), settings)
        .map_err(|_| TrustErrorKind::Issuer)
}

fn outage(error: EndpointError) -> Refusal {
    error.into_unavailable(UnavailableKind::Introspection).into()
}

/// Longer than a call may take, so that no answer is over before it came.
const SHORTEST: Duration = Duration::from_secs(5);
