use remint_core::{Authentication, DeniedKind, Identity, Refusal, Timestamp, Unavailable, UnavailableKind};
use remint_token::{Life, NothingLeft};

/// Whom a token is to be of, with no more roles, groups and entitlements than the credential carries
/// ([`Authentication::narrow`]).
///
/// A [`Minting`](crate::Minting) makes it, after everything that adds to an identity, and mints of nothing else: no
/// surface can forget to narrow.
#[derive(Debug, Clone)]
pub struct Narrowed {
    authentication: Authentication,
    valid_until: Timestamp,
    complete: bool,
}

impl Narrowed {
    pub(crate) fn new(mut authentication: Authentication) -> Self {
        authentication.narrow();
        Self { authentication, valid_until: Timestamp::MAX, complete: true }
    }

    /// With what is to be said of the enrichers.
    pub(crate) fn with(self, valid_until: Timestamp, complete: bool) -> Self {
        Self { valid_until, complete, ..self }
    }

    /// Whom the token is to be of.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.authentication.identity
    }

    /// They, and what bounds the credential.
    #[must_use]
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// The same.
    #[must_use]
    pub fn into_authentication(self) -> Authentication {
        self.authentication
    }

    /// Until when a token of them may live: as long as the credential, and as all that enrichers said holds.
    ///
    /// # Errors
    ///
    /// [`DeniedKind::Expired`] if no whole second of the credential is left; [`UnavailableKind::Enricher`] if only
    /// what enrichers said ends so soon: asked again, it holds longer.
    pub fn not_after(&self, now: Timestamp) -> Result<Timestamp, Refusal> {
        let life = Life::of_source(self.authentication.expires_at).with_enrichment(self.valid_until);
        life.not_after(now).map_err(|nothing| match nothing {
            NothingLeft::OfSource => DeniedKind::Expired.into(),
            NothingLeft::OfEnrichment => Unavailable::new(UnavailableKind::Enricher).into(),
        })
    }

    /// Whether every enricher answered; an optional one did not, if not.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.complete
    }
}
