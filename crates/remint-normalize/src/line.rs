use std::net::IpAddr;
use std::sync::Arc;

use remint_cache::{Entry, Fingerprint, Fingerprinter, InFlight, LifetimeRule, MemoryTier, Negatives};
use remint_cache::{SingleFlight, Validity};
use remint_core::{
    Authentication, Clock, Credential, Denied, DeniedKind, Environment, Exchanged, Exchanger, InternalToken, IssuerId,
    OwnedCredential, Refusal, Target, Timestamp, Unavailable, UnavailableKind,
};
use remint_credential::Extractor;
use remint_dpop::DpopVerifier;
use remint_revocation::{Issued, Moment, RevocationTable, Revocations, TableStamp};
use tokio::time::Instant;
use tracing::Instrument;

use crate::authority::INCOMPLETE;
use crate::explain::Explainer;
use crate::failures::{Failed, Failures};
use crate::source::Source;
use crate::waiting::PlacesByForm;
use crate::{Authority, Minting, Pass, Rejection, telemetry};

/// The parts of the line, in their order.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) extractor: Extractor,
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) memory: MemoryTier<Pass>,
    pub(crate) negatives: Negatives,
    pub(crate) exchanges: SingleFlight<Outcome>,
    pub(crate) table: Arc<RevocationTable>,
    pub(crate) revocations: Revocations,
    pub(crate) source: MissSource,
    pub(crate) issuer_id: IssuerId,
    pub(crate) environment: Option<Environment>,
    pub(crate) dpop: Option<DpopVerifier>,
    pub(crate) lifetime: LifetimeRule,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) failures: Failures,
    pub(crate) explainer: Explainer,
}

/// What is asked on a miss.
pub(crate) type MissSource = Source<Authority, (Arc<dyn Exchanger>, PlacesByForm)>;

/// A token, and what it was made of.
struct Minted {
    authentication: Authentication,
    token: InternalToken,
    complete: bool,
}

/// The outcome of one exchange, for all requests that waited for it.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// From before it began.
    pub(crate) stamp: TableStamp,
    pub(crate) result: Result<Entry<Pass>, Refusal>,
}

impl Line {
    /// Joins or starts the exchange of this credential.
    pub(crate) fn join_exchange(
        self: &Arc<Self>,
        fingerprint: Fingerprint,
        credential: &Arc<OwnedCredential>,
    ) -> InFlight<Outcome> {
        let lost = Outcome {
            stamp: self.table.stamp(),
            result: Err(Unavailable::new(UnavailableKind::Internal).with_source("the exchange did not end").into()),
        };
        let work = || {
            let (line, credential) = (Arc::clone(self), Arc::clone(credential));
            let span = telemetry::exchange_span(credential.borrow().form());
            async move { line.exchange(fingerprint, credential.borrow()).await }.instrument(span)
        };
        self.exchanges.join(fingerprint, work, lost)
    }

    /// What depends on the request, or on this edge, and not on the credential alone: asked for each
    /// request, of a hit as of a miss. No cache remembers the answer. What the credential is bound to is
    /// for [`Line::binding`] to say.
    #[inline]
    pub(crate) fn admit(&self, pass: &Pass, client: Option<IpAddr>) -> Result<(), DeniedKind> {
        if self.environment.is_some_and(|demanded| demanded != pass.identity().environment) {
            return Err(DeniedKind::Environment);
        }
        pass.allows(client)
    }

    /// Counts a credential that failed, and says what its sender is told.
    #[cold]
    pub(crate) fn reject(&self, denied: Denied, failed: Failed<'_>) -> Rejection {
        let (because, form) = (denied.kind(), failed.form);
        let told = self.failures.judge(because, failed, self.now());
        let rejection = match told == because {
            true => Rejection::new(told.into(), form),
            false => Rejection::limited(told.into(), form, because),
        };
        let is_logged = tracing::enabled!(target: "remint", tracing::Level::INFO);
        let text = failed.text.filter(|_| is_logged);
        rejection.explained(text.map(|text| self.explainer.explain(text, because)))
    }

    async fn exchange(&self, fingerprint: Fingerprint, credential: Credential<'_>) -> Outcome {
        // Of the monotonic clock: the line's own may step, and tells milliseconds.
        let stopwatch = Instant::now();
        // What this process slept through, it reads first; and who is blind for too long lets nobody pass.
        if let Err(blind) = self.revocations.stay_in_step().await {
            let result = Err(blind.into());
            telemetry::exchanged(stopwatch.elapsed(), &result);
            return Outcome { stamp: self.table.stamp(), result };
        }
        // Before anything else is asked: whatever is revoked from here on makes the outcome dead.
        let (authenticated, stamp) = (self.table.moment(), self.table.stamp());
        let began = self.clock.now();
        // An exchange that ended between our look-up and our start has left its outcome here.
        if let Some(entry) = self.memory.entry(&fingerprint, began) {
            return Outcome { stamp, result: Ok(entry) };
        }
        let result = self.authenticate_and_mint(fingerprint, credential, stamp, authenticated).await;
        telemetry::exchanged(stopwatch.elapsed(), &result);
        if let Err(Refusal::Denied(denied)) = &result {
            self.negatives.insert(fingerprint, denied.kind(), stamp, self.clock.now());
        }
        Outcome { stamp, result }
    }

    async fn authenticate_and_mint(
        &self,
        fingerprint: Fingerprint,
        credential: Credential<'_>,
        mut stamp: TableStamp,
        authenticated: Moment,
    ) -> Result<Entry<Pass>, Refusal> {
        let Minted { authentication, token, complete } = match &self.source {
            Source::Local(authority) => self.mint(&authority.begin(), credential).await?,
            Source::Remote((exchanger, places)) => {
                let exchanged = places.of(credential.form()).bound(exchanger.exchange(credential));
                let Exchanged { token, authentication, issued_at, rev } = exchanged.await??;
                let authentication = authentication.into_inner();
                let targets = authentication.targets();
                let issued = Issued { at: issued_at, rev: rev.as_ref() };
                // What the server had not read, it could not refuse: it is asked again, and nothing is kept.
                if rev.as_ref().is_some_and(|rev| self.table.is_after(&targets, rev)) {
                    stamp = TableStamp::default();
                } else if self.revocations.refuse(&authentication).await?
                    || self.revocations.ended(&targets, issued).await?
                {
                    return Err(DeniedKind::Revoked.into());
                }
                Minted { authentication, token, complete: true }
            }
        };
        let mut targets = authentication.targets();
        let Authentication { mut identity, expires_at, networks, confirmation, .. } = authentication;
        // Whoever authenticated it: what is made of it further on can tell.
        identity.confirmation = confirmation;
        let now = self.clock.now();
        let mut use_until = self.lifetime.use_until(now, token.expires_at(), expires_at);
        if !complete {
            // An optional enricher that failed is asked again soon.
            use_until = use_until.min(now.saturating_add(INCOMPLETE));
        }
        targets.push(Target::Token { issuer: self.issuer_id.clone(), id: token.id().clone() });
        let pass = Pass::new(token.authorization().clone(), Arc::new(identity), networks, confirmation);
        Ok(self.memory.insert(fingerprint, pass, Validity { use_until, stamp, authenticated }, &targets, now))
    }

    /// The outcome's `expires_at` is the end of all that the token comes from.
    async fn mint(&self, minting: &Minting<'_>, credential: Credential<'_>) -> Result<Minted, Refusal> {
        let mut authentication = minting.authenticate(credential).await?.into_inner();
        let source_ends = authentication.expires_at;
        authentication.identity.credential_ends = (source_ends < Timestamp::MAX).then_some(source_ends);
        let narrowed = minting.enrich(authentication).await?;
        let not_after = narrowed.not_after(self.clock.now())?;
        let token = minting.issue(&narrowed, not_after, &[]).await?;
        let complete = narrowed.is_complete();
        let authentication = Authentication { expires_at: not_after, ..narrowed.into_authentication() };
        Ok(Minted { authentication, token, complete })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
