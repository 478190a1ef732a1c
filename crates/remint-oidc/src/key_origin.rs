use std::sync::Arc;

use remint_core::{Clock, IssuerId};
use remint_keyset::{Discovery, HttpFetch, KeySet, KeySetSettings, KeySource, RotatingHeaders, Url, WithHeaders};

use crate::TrustErrorKind;
use crate::pattern::{IssuerPattern, PLACEHOLDER};
use crate::trust::KeyPlace;

/// Where an issuer's keys come from, and how they are fetched.
#[derive(Debug)]
pub(crate) struct KeyOrigin {
    pub(crate) place: KeyPlace,
    pub(crate) headers: RotatingHeaders,
    pub(crate) settings: KeySetSettings,
}

impl KeyOrigin {
    /// Whether a set from here is one from there: it is then fetched once.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let is_place = match (&self.place, &other.place) {
            (KeyPlace::Discovery, KeyPlace::Discovery) => true,
            (KeyPlace::JwksUri(one), KeyPlace::JwksUri(other)) => one == other,
            (KeyPlace::File(one), KeyPlace::File(other)) => one == other,
            _ => false,
        };
        is_place && self.settings == other.settings && self.headers.are_those(&other.headers)
    }

    /// A set from here, which is not fetched yet.
    pub(crate) fn key_set(
        &self,
        issuer: IssuerId,
        pattern: &IssuerPattern,
        http: &Arc<dyn HttpFetch>,
        clock: &Arc<dyn Clock>,
    ) -> Result<KeySet, TrustErrorKind> {
        let source = self.source(issuer.as_str(), pattern, &**http)?;
        let http = self.with_headers(http, &source);
        Ok(KeySet::new(issuer, source, http, Arc::clone(clock), self.settings))
    }

    fn source(&self, issuer: &str, pattern: &IssuerPattern, http: &dyn HttpFetch) -> Result<KeySource, TrustErrorKind> {
        let permitted = |url: &Url| {
            if http.permits(url) { Ok(()) } else { Err(TrustErrorKind::Address(url.as_str().into())) }
        };
        match &self.place {
            KeyPlace::Fixed(keys) => Ok(KeySource::Fixed(keys.clone())),
            KeyPlace::File(path) => Ok(KeySource::File(path.clone())),
            KeyPlace::JwksUri(text) => {
                let url = Url::parse(text).map_err(|_| TrustErrorKind::Address(text.as_str().into()))?;
                permitted(&url)?;
                Ok(KeySource::JwksUri(url))
            }
            KeyPlace::Discovery => {
                let base = match pattern {
                    IssuerPattern::Exact(issuer) => issuer.to_string(),
                    IssuerPattern::Template { before, after } => [before, SHARED_TENANT, after].concat(),
                };
                let discovery = Discovery::at(&base, issuer).map_err(|_| TrustErrorKind::Issuer)?;
                permitted(discovery.base())?;
                Ok(KeySource::Discovery(discovery))
            }
        }
    }

    /// The client for this source. Headers are for the host that was set, and no other.
    fn with_headers(&self, http: &Arc<dyn HttpFetch>, source: &KeySource) -> Arc<dyn HttpFetch> {
        let url = match source {
            KeySource::JwksUri(url) => url,
            KeySource::Discovery(discovery) => discovery.base(),
            _ => return Arc::clone(http),
        };
        if self.headers.is_empty() {
            return Arc::clone(http);
        }
        Arc::new(WithHeaders::new(Arc::clone(http), url, self.headers.clone()))
    }
}

/// The name of a trust that is given none: its issuer's host.
pub(crate) fn host(issuer: &str) -> String {
    let url = Url::parse(&issuer.replace(PLACEHOLDER, "tenant"));
    url.ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The tenant whose discovery document speaks for all of a template issuer's.
const SHARED_TENANT: &str = "common";
