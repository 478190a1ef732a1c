use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use remint_apikey::ApiKeys;
use remint_core::{Authenticator, Clock, Exchanger, IssuerId, Revocation, Revoker, Stamp, Target, Unavailable};
use remint_gate::Gate;
use remint_issuer::Issuer;
use remint_keyset::KeySetState;
use remint_normalize::{Authority, Normalizer};
use remint_oidc::{OidcAuthenticator, Trust, TrustError};
use remint_revocation::Revocations;
use remint_tower::{MeterLayer, NormalizeLayer, Policy};
use remint_usage::Meter;

use crate::retention::AN_HOUR;
use crate::{ExchangingBuilder, RemintBuilder};

/// Where it begins: [`Remint::builder`].
#[derive(Debug, Clone, Copy)]
pub struct Remint;

impl Remint {
    /// A builder for an edge that mints tokens of `issuer` for `audience`.
    pub fn builder(issuer: impl Into<String>, audience: impl Into<String>) -> RemintBuilder {
        RemintBuilder::new(issuer.into(), audience.into())
    }

    /// A builder for an edge that holds no keys: `exchanger` brings tokens of `issuer` for `audience` from
    /// a server, which authenticates and mints. `RemoteExchanger` of `remint-exchange` is one.
    pub fn exchanging(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        exchanger: impl Exchanger,
    ) -> ExchangingBuilder {
        ExchangingBuilder::new(issuer.into(), audience.into(), Arc::new(exchanger))
    }
}

/// A running edge. Clones are handles on the same. Its background work ends when the last handle and
/// the last layer are dropped.
#[derive(Debug, Clone)]
pub struct Edge(Arc<Parts>);

#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) normalizer: Normalizer,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) api_keys: Option<ApiKeys>,
    pub(crate) meter: Option<Meter>,
    pub(crate) oidc: Arc<OidcAuthenticator>,
    /// How many tokens of one issuer may wait.
    pub(crate) of_one_issuer: usize,
    pub(crate) id_tokens: Arc<dyn Authenticator>,
    pub(crate) revocations: Revocations,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Edge {
    pub(crate) fn start(parts: Parts) -> Self {
        // Every layer holds the issuer too: as long as one is there, there is a house to keep.
        tokio::spawn(keep_house(Arc::downgrade(&parts.issuer), parts.api_keys.clone(), parts.meter.clone()));
        Self(Arc::new(parts))
    }

    /// The layer: it requires a credential unless made [optional](NormalizeLayer::optional).
    pub fn layer(&self) -> NormalizeLayer {
        NormalizeLayer::new(self.0.normalizer.clone())
    }

    /// The gate, for surfaces of your own: the verdicts of [`layer`](Self::layer) by this policy, as data.
    pub fn gate(&self, policy: Policy) -> Gate {
        Gate::new(self.0.normalizer.clone(), policy)
    }

    /// The line by itself, without a policy.
    #[must_use]
    pub fn normalizer(&self) -> &Normalizer {
        &self.0.normalizer
    }

    /// The miss by itself: what a token endpoint enters at.
    #[must_use]
    pub fn authority(&self) -> Option<&Authority> {
        self.0.normalizer.authority()
    }

    /// Whose ID token it is, for a token endpoint: of the trusts that accept any ([`Trust::id_tokens`]), and
    /// linked to users like every external identity. The edge itself accepts none.
    #[must_use]
    pub fn id_tokens(&self) -> &Arc<dyn Authenticator> {
        &self.0.id_tokens
    }

    /// What has been revoked here, and what revokes: for surfaces of your own. It ends nothing in the store: see
    /// [`revoke`](Self::revoke).
    #[must_use]
    pub fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    /// Users and their API keys; `None` without a store.
    #[must_use]
    pub fn api_keys(&self) -> Option<&ApiKeys> {
        self.0.api_keys.as_ref()
    }

    /// What counts requests; `None` without a store.
    #[must_use]
    pub fn meter(&self) -> Option<&Meter> {
        self.0.meter.as_ref()
    }

    /// The layer that counts requests on whoever makes them: behind [`layer`](Self::layer). `None`
    /// without a store.
    #[must_use]
    pub fn meter_layer(&self) -> Option<MeterLayer> {
        self.meter().cloned().map(MeterLayer::new)
    }

    /// The internal issuer, for verification in the same process and for rotation.
    #[must_use]
    pub fn issuer(&self) -> &Arc<Issuer> {
        &self.0.issuer
    }

    /// The answer to `GET /.well-known/jwks.json`.
    #[must_use]
    pub fn jwks_response(&self) -> http::Response<Bytes> {
        self.0.issuer.jwks_response()
    }

    /// Trusts one more external issuer, from now on.
    ///
    /// # Errors
    ///
    /// [`TrustError`] if the trust cannot be used.
    pub async fn trust(&self, trust: Trust) -> Result<(), TrustError> {
        self.0.revocations.table().retain_at_least(trust.longest_life().saturating_add(AN_HOUR));
        self.0.oidc.add(trust.max_waiting(self.0.of_one_issuer)).await
    }

    /// Each issuer that is trusted by its keys, in the order of their texts, and whether there are keys of
    /// it: without them its tokens are answered with 503. One that is asked about its tokens has none.
    #[must_use]
    pub fn trusted(&self) -> Vec<(IssuerId, KeySetState)> {
        self.0.oidc.key_sets()
    }

    /// Trusts an external issuer no more, and ends what came from it. `false` if it was not trusted.
    ///
    /// A trust in many tenants is named as it was added, with `{tenantid}`; one tenant of it by itself
    /// cannot be distrusted.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the revocation was not recorded.
    pub async fn distrust(&self, issuer: &IssuerId) -> Result<bool, Unavailable> {
        let removed = self.0.oidc.remove(issuer.as_str());
        self.revoke(Target::Issuer(issuer.clone())).await?;
        Ok(removed)
    }

    /// Ends a target: when this has returned, nothing older of it is accepted here.
    ///
    /// A key, user or tenant is ended in the store too, as [`ApiKeys::end`] does, and with a store the audit
    /// trail has what was ended. A client gets new tokens: its secret is in the settings. An issuer or
    /// [`Target::Everything`] ends tokens, external and internal; API keys are authenticated anew, and
    /// pass for as long as the store has them: end their users.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the log did not take it: call again.
    pub async fn revoke(&self, target: Target) -> Result<Stamp, Unavailable> {
        if let Some(keys) = &self.0.api_keys
            && let Some(stamp) = keys.end(target.clone(), None).await?
        {
            return Ok(stamp);
        }
        self.0.revocations.revoke(Revocation::ended(target, self.0.clock.now())).await
    }

    /// Writes what is still in memory (usage, and when keys were last used) to the store. Call it
    /// last.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn close(&self) -> Result<(), Unavailable> {
        flush(self.0.api_keys.as_ref(), self.0.meter.as_ref()).await
    }
}

/// Tries both, whatever becomes of the first.
async fn flush(api_keys: Option<&ApiKeys>, meter: Option<&Meter>) -> Result<(), Unavailable> {
    let used = match meter {
        Some(meter) => meter.flush().await,
        None => Ok(()),
    };
    match api_keys {
        Some(keys) => keys.flush().await.and(used),
        None => used,
    }
}

/// Says how many keys do not carry the entitlements of their users. A store that cannot count keeps nothing from starting.
pub(crate) async fn tell_of_restricted(keys: &ApiKeys) {
    match keys.without_entitlements().await {
        Ok(0) => {}
        Ok(keys) => tracing::warn!(
            target: "remint", keys,
            "API keys with scopes of their own do not carry the entitlements of their users; where these are needed, \
             make keys without scopes"
        ),
        Err(error) => tracing::debug!(target: "remint", %error, "keys without entitlements were not counted"),
    }
}

async fn keep_house(issuer: Weak<Issuer>, api_keys: Option<ApiKeys>, meter: Option<Meter>) {
    let mut known_missing = Vec::new();
    loop {
        tokio::time::sleep(HOUSEKEEPING).await;
        let Some(issuer) = issuer.upgrade() else { return };
        match tokio::task::spawn_blocking(move || issuer.maintain()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(target: "remint", %error, "the signing keys were not maintained"),
            Err(error) => tracing::warn!(target: "remint", %error, "the signing keys were not maintained"),
        }
        if let Err(error) = flush(api_keys.as_ref(), meter.as_ref()).await {
            tracing::warn!(target: "remint", %error, "usage was not recorded; it is tried again");
        }
        // A store that does not answer has been told of by then.
        if let Some(Ok(missing)) = match &api_keys {
            Some(keys) => Some(keys.missing_peppers().await),
            None => None,
        } {
            tell_of_missing_peppers(&missing, &known_missing);
            known_missing = missing;
        }
    }
}

/// Another node began to use a pepper that is not here.
fn tell_of_missing_peppers(missing: &[String], known: &[String]) {
    if missing != known && !missing.is_empty() {
        tracing::error!(
            target: "remint",
            peppers = missing.join(", "),
            "keys in the store were hashed under peppers that this process does not have: they are answered with 503; \
             give all nodes the same peppers, and start this one again"
        );
    }
}

/// Usage counted in this time is what a killed process loses.
const HOUSEKEEPING: Duration = Duration::from_secs(10);
