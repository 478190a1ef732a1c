use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{
    Audience, Authentication, Authenticator, Clock, Credential, DeniedKind, Enricher, Enrichment, Environment,
    Explanation, Identity, InternalToken, IssuerId, MintRequest, Refusal, Stamp, Target, Timestamp, TokenIssuer,
    Unavailable, UnavailableKind, Verified,
};
use remint_revocation::{RevocationTable, Revocations, TableStamp};
use remint_wait::Places;

use crate::explain::Explainer;
use crate::waiting::{PlacesByForm, WaitLimits};
use crate::{Narrowed, telemetry};

/// The miss by itself, without cache and surface: who is this, what do we know of them, and a token
/// that says so. It is what a [`Normalizer`](crate::Normalizer) asks on a miss, and what a token
/// endpoint, whose business is the miss, enters at. Clones share everything.
#[derive(Clone)]
pub struct Authority(Arc<(Parts, Waiting)>);

pub(crate) struct Parts {
    pub(crate) authenticators: Vec<Arc<dyn Authenticator>>,
    pub(crate) enrichers: Vec<(Arc<dyn Enricher>, Need)>,
    pub(crate) issuer: Arc<dyn TokenIssuer>,
    pub(crate) limits: WaitLimits,
    pub(crate) explainer: Explainer,
    pub(crate) issuer_id: IssuerId,
    pub(crate) revocations: Revocations,
    pub(crate) environment: Option<Environment>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What waits for each part, in the parts' order.
#[derive(Debug)]
struct Waiting {
    authenticators: Vec<PlacesByForm>,
    enrichers: Vec<Places>,
    issuer: Places,
    /// Of what enters at the authority: see [`Authority::bound`].
    others: Places,
}

/// What becomes of a request when an enricher fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
}

impl Authority {
    pub(crate) fn new(parts: Parts) -> Self {
        let limits = parts.limits;
        let waiting = Waiting {
            authenticators: parts.authenticators.iter().map(|_| PlacesByForm::new(limits)).collect(),
            enrichers: parts.enrichers.iter().map(|_| limits.places("enricher")).collect(),
            issuer: limits.places("issuer"),
            others: limits.places("token_endpoint"),
        };
        Self(Arc::new((parts, waiting)))
    }

    fn parts(&self) -> &Parts {
        &self.0.0
    }

    /// Begins the work for one token: whatever is revoked from here on makes its outcome dead.
    #[must_use]
    pub fn begin(&self) -> Minting<'_> {
        Minting { parts: self.parts(), waiting: &self.0.1, stamp: self.table().stamp(), rev: self.table().read_up_to() }
    }

    /// Returns once what is known of revocations is recent, at once if it is: to be awaited before the work
    /// [begins](Self::begin), and before a token of our own is judged.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log has not answered for [longer than is
    /// allowed](Revocations::with_max_staleness).
    pub async fn stay_in_step(&self) -> Result<(), Unavailable> {
        self.parts().revocations.stay_in_step().await
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn issuer_id(&self) -> &IssuerId {
        &self.parts().issuer_id
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.parts().clock
    }

    /// The environment that the audience demands as a whole; `None`: either. A credential of the other is
    /// authenticated all the same, and it is for whoever asks to refuse it.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        self.parts().environment
    }

    /// Does work of the token endpoint's own, such as asking an authenticator of ID tokens, within the same
    /// bounds.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if it has to wait and may not, or takes too long.
    pub async fn bound<F: Future>(&self, work: F) -> Result<F::Output, Unavailable> {
        Ok(self.0.1.others.bound(work).await?)
    }

    /// What the log is told of a credential that was refused for this. Nothing of it is to be believed.
    #[must_use]
    pub fn explain(&self, text: &str, kind: DeniedKind) -> Explanation {
        self.parts().explainer.explain(text, kind)
    }

    /// What has been revoked, as this process knows it.
    #[must_use]
    pub fn table(&self) -> &Arc<RevocationTable> {
        self.parts().revocations.table()
    }

    /// What revokes: the handle whose [table](Self::table) is asked.
    #[must_use]
    pub fn revocations(&self) -> &Revocations {
        &self.parts().revocations
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("issuer", &self.parts().issuer_id)
            .field("authenticators", &self.parts().authenticators)
            .finish_non_exhaustive()
    }
}

/// The work for one token, from before anybody was asked.
#[derive(Clone)]
pub struct Minting<'a> {
    parts: &'a Parts,
    waiting: &'a Waiting,
    stamp: TableStamp,
    /// The same moment, for those who follow the same log.
    rev: Option<Stamp>,
}

impl Minting<'_> {
    /// Whose credential it is. The authenticators are asked in their order, and the revocation table
    /// about the credential itself: an external JWT would verify again after its revocation.
    ///
    /// Here, and in all that follows, what waits is [bounded](crate::NormalizerBuilder::max_waiting).
    ///
    /// Networks and confirmation in what comes back are for whoever asks to hold the request to.
    ///
    /// # Errors
    ///
    /// [`Refusal::Denied`] if nobody vouches for it or it was revoked, [`Refusal::Unavailable`] if that
    /// cannot be said.
    pub async fn authenticate(&self, credential: Credential<'_>) -> Result<Verified<Authentication>, Refusal> {
        for (authenticator, places) in self.parts.authenticators.iter().zip(&self.waiting.authenticators) {
            let places = places.of(credential.form());
            if let Some(verified) = places.bound(authenticator.authenticate(credential)).await?? {
                return if self.parts.revocations.refuse(verified.get()).await? {
                    Err(DeniedKind::Revoked.into())
                } else {
                    Ok(verified)
                };
            }
        }
        Err(DeniedKind::Structure.into())
    }

    /// Adds what the enrichers know, and takes away what the credential does not carry.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if one that must answer does not.
    pub async fn enrich(&self, mut authentication: Authentication) -> Result<Narrowed, Unavailable> {
        // An enricher makes nothing of what the credential does not carry.
        authentication.narrow();
        let (mut valid_until, mut complete) = (Timestamp::MAX, true);
        for ((enricher, need), places) in self.parts.enrichers.iter().zip(&self.waiting.enrichers) {
            match places.bound(enricher.enrich(&authentication.identity)).await.unwrap_or_else(|why| Err(why.into())) {
                Ok(enrichment) if enrichment.valid_until > self.parts.clock.now() => {
                    valid_until = valid_until.min(enrichment.valid_until);
                    add(&mut authentication.identity, enrichment);
                }
                outcome => {
                    without_enrichment(outcome.err(), *need)?;
                    complete = false;
                }
            }
        }
        Ok(Narrowed::new(authentication).with(valid_until, complete))
    }

    /// Takes away what the credential does not carry, and asks no enricher: of what was made here, and of a token
    /// that was enriched when it was made. Asked again, an enricher would restore what that token was made without.
    #[must_use]
    pub fn narrow(&self, authentication: Authentication) -> Narrowed {
        Narrowed::new(authentication)
    }

    /// Mints a token that ends no later than `not_after`; for the issuer's own audiences if none is named.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if it cannot be signed; [`DeniedKind::TooLong`] if the identity says more than fits into a
    /// token.
    pub async fn issue(
        &self,
        subject: &Narrowed,
        not_after: Timestamp,
        audiences: &[Audience],
    ) -> Result<InternalToken, Refusal> {
        let identity = subject.identity();
        let issued = self.parts.issuer.issue(MintRequest { identity, not_after, stamp: self.rev.as_ref(), audiences });
        self.waiting.issuer.bound(issued).await?
    }

    /// Asks once more, after everything: whether one of these targets was revoked since the work began.
    /// A cache asks that at each read; whoever hands a token out without one asks here.
    ///
    /// # Errors
    ///
    /// [`Unavailable`]: beginning anew tells what is true now.
    pub fn settle(&self, targets: &[Target]) -> Result<(), Unavailable> {
        if self.parts.revocations.table().overtaken(targets, self.stamp) {
            return Err(Unavailable::new(UnavailableKind::Overloaded).with_source("a revocation overtook it"));
        }
        Ok(())
    }
}

impl fmt::Debug for Minting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minting").field("stamp", &self.stamp).finish_non_exhaustive()
    }
}

/// Adds what one enricher knows: each right once.
fn add(identity: &mut Identity, enrichment: Enrichment) {
    let Enrichment { ext, roles, groups, entitlements, valid_until: _ } = enrichment;
    identity.ext.extend(ext);
    let rights =
        [(&mut identity.roles, roles), (&mut identity.groups, groups), (&mut identity.entitlements, entitlements)];
    for (held, added) in rights {
        for right in added {
            if !held.contains(&right) {
                held.push(right);
            }
        }
    }
}

fn without_enrichment(failure: Option<Unavailable>, need: Need) -> Result<(), Unavailable> {
    let failure = failure
        .unwrap_or_else(|| Unavailable::new(UnavailableKind::Enricher).with_source("the enrichment was out of date"));
    match need {
        Need::Required => Err(failure),
        Need::Optional => {
            telemetry::not_enriched(&failure);
            Ok(())
        }
    }
}

/// How long an entry without some optional claims may answer.
pub(crate) const INCOMPLETE: Duration = Duration::from_secs(10);
