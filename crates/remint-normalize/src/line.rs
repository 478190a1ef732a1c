use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use remint_cache::{Entry, Fingerprint, Fingerprinter, Flight, Flights, LifetimeRule, MemoryTier, Negatives};
use remint_cache::{RevocationTable, TableStamp, Validity};
use remint_core::{
    Authentication, Authenticator, Clock, Credential, DeniedKind, Enricher, Environment, Grant, IssuerId,
    OwnedCredential, Refusal, Target, Timestamp, TokenIssuer, Unavailable, UnavailableKind, Verified,
};
use remint_credential::Extractor;
use tracing::Instrument;

use crate::{Pass, telemetry};

/// The parts of the line, in their order.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) extractor: Extractor,
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) memory: MemoryTier<Pass>,
    pub(crate) negatives: Negatives,
    pub(crate) flights: Flights<Landed>,
    pub(crate) table: Arc<RevocationTable>,
    pub(crate) authenticators: Vec<Arc<dyn Authenticator>>,
    pub(crate) enrichers: Vec<(Arc<dyn Enricher>, Need)>,
    pub(crate) issuer: Arc<dyn TokenIssuer>,
    pub(crate) issuer_id: IssuerId,
    pub(crate) environment: Option<Environment>,
    pub(crate) lifetime: LifetimeRule,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What becomes of a request when an enricher fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
}

/// What everyone who waited for one exchange is told.
#[derive(Debug, Clone)]
pub(crate) struct Landed {
    /// From before it began.
    pub(crate) stamp: TableStamp,
    pub(crate) outcome: Result<Entry<Pass>, Refusal>,
}

impl Line {
    /// Joins or starts the exchange of this credential.
    pub(crate) fn fly(self: &Arc<Self>, fingerprint: Fingerprint, credential: &Arc<OwnedCredential>) -> Flight<Landed> {
        let lost = Landed {
            stamp: self.table.stamp(),
            outcome: Err(Unavailable::new(UnavailableKind::Internal).with_source("the exchange did not end").into()),
        };
        let work = || {
            let (line, credential) = (Arc::clone(self), Arc::clone(credential));
            let span = telemetry::exchange_span(credential.borrow().form());
            async move { line.exchange(fingerprint, credential.borrow()).await }.instrument(span)
        };
        self.flights.join(fingerprint, work, lost)
    }

    /// What depends on the request, or on this edge, and not on the credential alone: asked for each
    /// request, of a hit as of a miss. No cache remembers the answer.
    #[inline]
    pub(crate) fn admit(&self, pass: &Pass, client: Option<IpAddr>) -> Result<(), DeniedKind> {
        if self.environment.is_some_and(|demanded| demanded != pass.identity().environment) {
            return Err(DeniedKind::Environment);
        }
        pass.allows(client)
    }

    async fn exchange(&self, fingerprint: Fingerprint, credential: Credential<'_>) -> Landed {
        // Before anything else is asked: whatever is revoked from here on makes the outcome dead.
        let stamp = self.table.stamp();
        let began = self.clock.now();
        // A flight that landed between our look and our start has left its outcome here.
        if let Some(entry) = self.memory.entry(&fingerprint, began) {
            return Landed { stamp, outcome: Ok(entry) };
        }
        let outcome = self.authenticate_and_mint(fingerprint, credential, stamp).await;
        let now = self.clock.now();
        telemetry::exchanged(now.saturating_duration_since(began), &outcome);
        if let Err(Refusal::Denied(denied)) = &outcome {
            self.negatives.insert(fingerprint, denied.kind(), stamp, now);
        }
        Landed { stamp, outcome }
    }

    async fn authenticate_and_mint(
        &self,
        fingerprint: Fingerprint,
        credential: Credential<'_>,
        stamp: TableStamp,
    ) -> Result<Entry<Pass>, Refusal> {
        let Authentication { mut identity, issued_at: _, expires_at, also_named, networks } =
            self.authenticate(credential).await?.into_inner();
        identity.credential_ends = (expires_at < Timestamp::MAX).then_some(expires_at);
        let (mut source_ends, mut complete) = (expires_at, true);
        for (enricher, need) in &self.enrichers {
            match enricher.enrich(&identity).await {
                Ok(enrichment) if enrichment.valid_until > self.clock.now() => {
                    source_ends = source_ends.min(enrichment.valid_until);
                    identity.ext.extend(enrichment.ext);
                }
                outcome => {
                    self.without_enrichment(outcome.err(), *need)?;
                    complete = false;
                }
            }
        }
        let now = self.clock.now();
        if source_ends.as_secs() <= now.as_secs() {
            return Err(if expires_at.as_secs() <= now.as_secs() {
                DeniedKind::Expired.into()
            } else {
                // Known for less than a second more: too short for a token.
                Unavailable::new(UnavailableKind::Enricher).into()
            });
        }
        // No service outside this process can follow an in-process log, so no stamp goes out.
        let token = self.issuer.issue(Grant { identity: &identity, not_after: source_ends, stamp: None }).await?;
        let mut use_until = self.lifetime.use_until(now, token.expires_at(), source_ends);
        if !complete {
            // An optional enricher that failed is asked again soon.
            use_until = use_until.min(now.saturating_add(INCOMPLETE));
        }
        let mut targets = identity.targets();
        targets.extend(also_named);
        targets.push(Target::Token { issuer: self.issuer_id.clone(), id: token.id().clone() });
        let pass = Pass::new(token.authorization().clone(), Arc::new(identity), networks);
        Ok(self.memory.insert(fingerprint, pass, Validity { use_until, stamp }, &targets, now))
    }

    async fn authenticate(&self, credential: Credential<'_>) -> Result<Verified<Authentication>, Refusal> {
        for authenticator in &self.authenticators {
            if let Some(verified) = authenticator.authenticate(credential).await? {
                // An external JWT would verify again after its revocation: ask about itself, too.
                return if self.table.refuses(verified.get(), RevocationTable::SKEW) {
                    Err(DeniedKind::Revoked.into())
                } else {
                    Ok(verified)
                };
            }
        }
        Err(DeniedKind::Structure.into())
    }

    fn without_enrichment(&self, failure: Option<Unavailable>, need: Need) -> Result<(), Unavailable> {
        let failure = failure.unwrap_or_else(|| {
            Unavailable::new(UnavailableKind::Enricher).with_source("the enrichment was out of date")
        });
        match need {
            Need::Required => Err(failure),
            Need::Optional => {
                telemetry::not_enriched(&failure);
                Ok(())
            }
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// How long an entry without some optional claims may answer.
const INCOMPLETE: Duration = Duration::from_secs(10);
