//! How the parts are put together.

use std::sync::Arc;
use std::time::Duration;

use remint_apikey::{ApiKeys, LinkedAuthenticator};
use remint_cache::LifetimeRule;
use remint_core::{Audience, Authenticator, IssuerId};
use remint_issuer::{Issuer, IssuerBuilder};
use remint_keyset::HttpClient;
use remint_normalize::{Normalizer, NormalizerBuilder};
use remint_oidc::{OidcAuthenticator, Trust};
use remint_revocation::Revocations;
use remint_token::USUAL_MAX_LENGTH;
use remint_usage::Meter;
use remint_wait::quarter;

use super::{Given, RemintBuilder};
use crate::edge::{Parts, tell_of_restricted};
use crate::pair::pair;
use crate::retention::AN_HOUR;
use crate::{Edge, RemintError};

impl RemintBuilder {
    /// Puts it together, reads or makes the keys, and fetches the trusted issuers' key sets once. An
    /// issuer that does not answer now does not keep the service from starting.
    ///
    /// # Errors
    ///
    /// [`RemintError`]: it says which part.
    pub async fn build(self) -> Result<Edge, RemintError> {
        let (issuer_id, audience) = (IssuerId::new(self.issuer)?, Audience::new(self.audience)?);
        issuer_id.check_address()?;
        if self.trusts.is_empty() && self.store.is_none() && self.authenticators.is_empty() {
            return Err(RemintError::NobodyToTrust);
        }
        // Before a key is made: what is missing must not be made in its place.
        let paired = match &self.store {
            Some(store) => {
                Some(pair(store, self.peppers, self.keys.as_deref(), self.given.is_some(), &self.clock).await?)
            }
            None => None,
        };
        // What says as much as a credential may say must fit into a token.
        let usual = self.rules.max_length().max(USUAL_MAX_LENGTH);
        let max_length = self.max_token_length.unwrap_or(usual);
        let mut issuer = Issuer::builder(issuer_id.clone(), audience.clone())
            .ttl(self.ttl)
            .max_length(max_length)
            .algorithm(self.algorithm)
            .clock(Arc::clone(&self.clock));
        for audience in self.more_audiences {
            issuer = issuer.also_audience(Audience::new(audience)?);
        }
        issuer = match (self.given, &self.keys) {
            (Some(Given::Here(key)), _) => issuer.signing_key(*key),
            (Some(Given::Elsewhere(signer)), _) => issuer.signer(signer),
            (None, Some(folder)) => issuer.key_folder(folder),
            (None, None) => issuer,
        };
        issuer = self.also_published.into_iter().fold(issuer, IssuerBuilder::also_publish);
        if let Some(every) = self.rotate_every {
            issuer = issuer.rotate_every(every);
        }
        let issuer = Arc::new(issuer.build()?);
        if let Some(paired) = &paired {
            paired.signs_with(issuer.keys().into_iter().map(|key| key.key_id)).await?;
        }

        // A row is kept for longer than anything lives that it ends.
        let lives = self.trusts.iter().map(Trust::longest_life).chain([self.ttl, self.lifetime.max_ttl]);
        let log = self.store.as_ref().filter(|_| !self.revocations_in_process).and_then(|store| store.log());
        let revocations = match log {
            Some(log) => Revocations::of_store(log, Arc::clone(&self.clock)).await?,
            None => Revocations::in_memory(Arc::clone(&self.clock))?,
        };
        let revocations = revocations.with_max_staleness(self.max_staleness);
        lives.for_each(|life| revocations.table().retain_at_least(life.saturating_add(AN_HOUR)));

        let http = match self.http {
            Some(http) => http,
            None => Arc::new(HttpClient::new()?),
        };
        let fetches = self.trusts.iter().map(Trust::longest_fetch).fold(LEAST_FETCH, Duration::max);
        let wait_at_most = self.wait_at_most.unwrap_or(fetches.saturating_add(LONGER));
        let of_one_issuer = quarter(self.max_waiting);
        let trusts = self.trusts.into_iter().map(|trust| trust.max_waiting(of_one_issuer));
        let oidc = OidcAuthenticator::new(issuer_id.clone(), trusts, http, Arc::clone(&self.clock))?;
        let oidc = Arc::new(oidc.with_max_length(usual.max(max_length)));
        oidc.start().await;

        // A token that lives for less than it must have left would never be cached.
        let lifetime = LifetimeRule { min_remaining: self.lifetime.min_remaining.min(self.ttl / 2), ..self.lifetime };
        let mut line = Normalizer::builder(issuer_id, audience, Arc::clone(&issuer))
            .credential_rules(self.rules)
            .lifetime(lifetime)
            .max_waiting(self.max_waiting)
            .failure_limits(self.failure_limits)
            .wait_at_most(wait_at_most)
            .revocations(revocations.clone())
            .clock(Arc::clone(&self.clock));
        line = self.authenticators.into_iter().fold(line, NormalizerBuilder::authenticator);
        if let Some(demanded) = self.environment {
            line = line.environment(demanded);
        }
        if let Some(verifier) = self.dpop {
            line = line.dpop(verifier);
        }
        if let Some(capacity) = self.capacity {
            line = line.cache_capacity(capacity);
        }
        let (mut api_keys, mut meter) = (None, None);
        let trusts = Arc::clone(&oidc);
        line = line.explain_tokens(move |claims, refused| trusts.explain(claims, refused));
        let mut id_tokens: Arc<dyn Authenticator> = Arc::new(oidc.id_tokens());
        match self.store.zip(paired) {
            None => line = line.authenticator(Arc::clone(&oidc)),
            Some((store, paired)) => {
                let peppers = paired.peppers().clone();
                meter = Some(Meter::new(Arc::clone(&store) as _, Arc::clone(&self.clock)));
                let keys = ApiKeys::new(store, peppers, Arc::new(revocations.clone()))
                    .with_format(self.format)
                    .accepting(self.accept)
                    .with_clock(Arc::clone(&self.clock));
                let link = |external: Arc<dyn Authenticator>| {
                    let linked = LinkedAuthenticator::new(external, keys.clone());
                    match self.just_in_time.clone() {
                        Some(policy) => linked.with_just_in_time(policy),
                        None => linked,
                    }
                };
                id_tokens = Arc::new(link(id_tokens));
                // Keys first: no text of a format that is theirs may reach an issuer that is asked about its
                // tokens.
                line = line.authenticator(keys.authenticator()).authenticator(link(Arc::clone(&oidc) as _));
                let known = keys.clone();
                line = line.key_beginning(move |text| known.beginning(text));
                api_keys = Some(keys);
            }
        }
        for (enricher, required) in self.enrichers {
            line = if required { line.enricher(enricher) } else { line.optional_enricher(enricher) };
        }
        let normalizer = line.build()?;
        if let Some(keys) = &api_keys {
            tell_of_restricted(keys).await;
        }
        Ok(Edge::start(Parts {
            normalizer,
            issuer,
            api_keys,
            meter,
            oidc,
            of_one_issuer,
            id_tokens,
            revocations,
            clock: self.clock,
        }))
    }
}

/// What a fetch of a key set may take unless set.
const LEAST_FETCH: Duration = Duration::from_secs(15);
/// So much longer a miss may wait, so that it hears how the fetch ended.
const LONGER: Duration = Duration::from_secs(5);
