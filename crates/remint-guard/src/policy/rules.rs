use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{Extensions, Response};
use remint_core::{Denied, DeniedKind, Identity, Refusal};
use remint_credential::{HeaderLines, RequestHead};

use super::{Denial, Mode};
use crate::{Denials, DpopChallenge, RequestTrace, Requirements, ResourceMetadata, is_cors_preflight, preflight_hint};

/// What a layer demands of every request, and how it answers: the rules that the edge, a service behind it and a
/// route have in common.
///
/// # The decision
///
/// A request passes if and only if
///
/// 1. it has an identity that meets the [requirements](Self::with_requirements); or
/// 2. it presents no credential, and the policy is [optional](Self::optional), or was told to
///    [allow CORS preflights](Self::allow_cors_preflight) and the request looks like one.
///
/// The policy reads no credential: which identity a request has, or why it has none, is for the layer to find out.
/// The document of [resource metadata](Self::with_resource_metadata) is answered before any of it.
///
/// ```
/// use http::{HeaderMap, Method};
/// use remint_core::{DeniedKind, Environment};
/// use remint_credential::RequestHead;
/// use remint_guard::{Policy, RequestKind, Requirements};
///
/// let policy = Policy::new().with_requirements(Requirements::new().with_environment(Environment::Live));
/// let headers = HeaderMap::new();
/// let denied = policy.admit(None, RequestHead::new(&Method::GET, "/", &headers)).unwrap_err();
/// assert_eq!(denied.kind(), DeniedKind::NoCredential);
///
/// let denial = policy.deny(denied);
/// assert_eq!(denial.status(), 401);
/// assert_eq!(denial.render(RequestKind::Http).headers()["www-authenticate"], "Bearer");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a policy does nothing until a layer has it"]
pub struct Policy {
    mode: Mode,
    allows_preflight: bool,
    /// `None`: nothing beyond an identity.
    requirements: Option<Arc<Requirements>>,
    denials: Denials,
    /// Whether they were given to it.
    has_denials: bool,
    dpop: Option<DpopChallenge>,
    metadata: Option<Arc<ResourceMetadata>>,
}

impl Policy {
    /// Demands an identity and nothing more.
    pub const fn new() -> Self {
        Self {
            mode: Mode::Required,
            allows_preflight: false,
            requirements: None,
            denials: Denials::new(),
            has_denials: false,
            dpop: None,
            metadata: None,
        }
    }

    /// The same, and requests without a credential pass as anonymous. A bad credential never passes.
    pub const fn optional(mut self) -> Self {
        self.mode = Mode::Optional;
        self
    }

    /// The same, and a request needs a credential: how a policy begins.
    pub const fn required(mut self) -> Self {
        self.mode = Mode::Required;
        self
    }

    /// The same, and whatever looks like a CORS preflight ([`is_cors_preflight`]) passes without a credential and
    /// without an identity. Everybody can send such a request, with any body: handlers of `OPTIONS`, and of any
    /// method, must do nothing for it. A CORS layer outside needs none of this.
    pub const fn allow_cors_preflight(mut self) -> Self {
        self.allows_preflight = true;
        self
    }

    /// The same with what every identity must meet.
    pub fn with_requirements(mut self, requirements: Requirements) -> Self {
        self.requirements = Some(Arc::new(requirements));
        self
    }

    /// The same with these denials. They offer DPoP and name the metadata's document as the policy does, in
    /// whichever order it was told.
    pub fn with_denials(mut self, mut denials: Denials) -> Self {
        if let Some(challenge) = &self.dpop {
            denials = denials.with_dpop(challenge.clone());
        }
        if let Some(metadata) = &self.metadata {
            denials = denials.with_resource_metadata(metadata);
        }
        self.denials = denials;
        self.has_denials = true;
        self
    }

    /// The same where tokens may be presented with DPoP: challenges say so (RFC 9449 §7.1), and a
    /// [document](Self::with_resource_metadata) that names no algorithms of proofs names these.
    pub fn with_dpop(mut self, challenge: DpopChallenge) -> Self {
        self.metadata = self.metadata.map(|metadata| Arc::new(naming_algorithms(&challenge, &metadata)));
        self.denials = self.denials.with_dpop(challenge.clone());
        self.dpop = Some(challenge);
        self
    }

    /// The same, and this document is served at its [well-known path](ResourceMetadata::well_known_path), with or without
    /// a credential, and named in every challenge (RFC 9728 §5.1).
    pub fn with_resource_metadata(mut self, metadata: &ResourceMetadata) -> Self {
        self.denials = self.denials.with_resource_metadata(metadata);
        self.metadata = Some(Arc::new(match &self.dpop {
            Some(challenge) => naming_algorithms(challenge, metadata),
            None => metadata.clone(),
        }));
        self
    }

    /// Whether a request may pass without a credential, whatever it looks like.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// How it answers.
    #[must_use]
    pub const fn denials(&self) -> &Denials {
        &self.denials
    }

    /// The policy for a request with these extensions: the same, with the denials that a layer outside
    /// [shares](Denials::share), unless it was [given](Self::with_denials) its own.
    #[cold]
    pub fn inside(&self, extensions: &Extensions) -> Cow<'_, Self> {
        match Denials::shared(extensions) {
            Some(shared) if !self.has_denials => Cow::Owned(self.clone().with_denials(shared.clone())),
            _ => Cow::Borrowed(self),
        }
    }

    /// [Shares](Denials::share) its denials with what stands further in. Those that it was not given, but that something
    /// shapes (DPoP, the metadata's document), join what a layer outside shares.
    #[inline]
    pub fn share_denials(&self, extensions: &mut Extensions) {
        if !self.denials.are_plain() {
            self.join_denials(extensions);
        }
    }

    /// Out of the way of requests that need none of it.
    #[inline(never)]
    fn join_denials(&self, extensions: &mut Extensions) {
        let denials = self.inside(extensions).denials.clone();
        denials.share(extensions);
    }

    /// What every identity must meet.
    #[must_use]
    pub fn requirements(&self) -> &Requirements {
        self.requirements.as_deref().unwrap_or(Requirements::NONE)
    }

    /// The document of the resource's metadata, if it is what the request asks for.
    #[must_use]
    #[inline]
    pub fn document<H: ?Sized>(&self, head: RequestHead<'_, H>) -> Option<Response<Bytes>> {
        self.metadata.as_ref()?.answer(head)
    }

    /// Whether a request that presents no credential may pass without one.
    #[must_use]
    pub fn may_pass_without_credential<H: HeaderLines + ?Sized>(&self, head: RequestHead<'_, H>) -> bool {
        self.mode == Mode::Optional || (self.allows_preflight && is_cors_preflight(head))
    }

    /// Whether an identity meets the requirements. It is asked on every request, whether the identity came from a
    /// cache or not.
    ///
    /// # Errors
    ///
    /// Those of [`Requirements::check`].
    #[inline]
    pub fn check(&self, identity: &Identity) -> Result<(), Denied> {
        match &self.requirements {
            Some(requirements) => requirements.check(identity),
            None => Ok(()),
        }
    }

    /// Whether a request passes that has this identity, or presents no credential.
    ///
    /// # Errors
    ///
    /// [`DeniedKind::NoCredential`], and those of [`Policy::check`].
    pub fn admit<H: HeaderLines + ?Sized>(
        &self,
        identity: Option<&Identity>,
        head: RequestHead<'_, H>,
    ) -> Result<(), Denied> {
        match identity {
            Some(identity) => self.check(identity),
            None if self.may_pass_without_credential(head) => Ok(()),
            None => Err(DeniedKind::NoCredential.into()),
        }
    }

    /// A refusal with the answer that this policy gives.
    #[must_use]
    #[cold]
    pub fn deny(&self, refusal: impl Into<Refusal>) -> Denial {
        self.denial(refusal.into(), None)
    }

    /// The refusal of a request, with what names it in the log and in the answer, and with a hint for the operator where it presents no credential and looks like a CORS
    /// preflight.
    #[must_use]
    #[cold]
    pub fn deny_request<H: HeaderLines + ?Sized>(
        &self,
        refusal: impl Into<Refusal>,
        head: RequestHead<'_, H>,
    ) -> Denial {
        let refusal = refusal.into();
        let is_missing = matches!(&refusal, Refusal::Denied(denied) if denied.kind() == DeniedKind::NoCredential);
        let hint = if is_missing { preflight_hint(head) } else { None };
        self.denial(refusal, hint).with_trace(RequestTrace::of(head))
    }

    fn denial(&self, refusal: Refusal, hint: Option<&'static str>) -> Denial {
        Denial::new(refusal, hint, self.denials.clone(), self.requirements.clone())
    }
}

/// The document with the algorithms of proofs, where it does not say which.
fn naming_algorithms(challenge: &DpopChallenge, metadata: &ResourceMetadata) -> ResourceMetadata {
    let is_silent = metadata.dpop_signing_algorithms().next().is_none();
    let named =
        if is_silent { metadata.clone().with_dpop_signing_algorithms(challenge.algorithms()).ok() } else { None };
    named.unwrap_or_else(|| metadata.clone())
}
