use std::sync::Arc;

use remint_core::Environment;
use remint_guard::{Denials, DpopChallenge, Mode, Requirements, ResourceMetadata};
use remint_normalize::Normalizer;
use tower_layer::Layer;

use super::Normalize;

/// Puts one internal token in place of whatever credential a request came with.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct NormalizeLayer {
    pub(super) settings: Arc<Settings>,
}

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) normalizer: Normalizer,
    pub(super) mode: Mode,
    pub(super) allows_preflight: bool,
    pub(super) requirements: Requirements,
    pub(super) denials: Denials,
    pub(super) metadata: Option<ResourceMetadata>,
}

impl NormalizeLayer {
    /// A layer that requires a credential and nothing more. Where the normalizer takes DPoP, its challenges
    /// say so.
    pub fn new(normalizer: Normalizer) -> Self {
        let (requirements, denials) = (Requirements::new(), offering(&normalizer, Denials::new()));
        let settings = Settings {
            normalizer,
            mode: Mode::Required,
            allows_preflight: false,
            requirements,
            denials,
            metadata: None,
        };
        Self { settings: Arc::new(settings) }
    }

    /// The environment that is demanded of every identity, by the layer's requirements or by its normalizer;
    /// `None`: either.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        self.settings.requirements.environment().or_else(|| self.settings.normalizer.environment())
    }

    /// Lets requests without a credential pass as anonymous; [`RequireLayer`](crate::RequireLayer)
    /// then says inside the router which routes need one.
    pub fn optional(self) -> Self {
        self.with(|settings| settings.mode = Mode::Optional)
    }

    /// Lets whatever looks like a CORS preflight ([`is_cors_preflight`](remint_guard::is_cors_preflight)) pass
    /// without a credential and without an identity. Everybody can send such a request, with any body: handlers of
    /// `OPTIONS`, and of any method, must do nothing for it. A CORS layer outside needs none of this.
    pub fn allow_cors_preflight(self) -> Self {
        self.with(|settings| settings.allows_preflight = true)
    }

    /// What every identity must meet, on hits and misses alike.
    pub fn with_requirements(self, requirements: Requirements) -> Self {
        self.with(|settings| settings.requirements = requirements)
    }

    /// How denials are answered: realm, and a hook for their bodies.
    pub fn with_denials(self, denials: Denials) -> Self {
        self.with(|settings| {
            let denials = offering(&settings.normalizer, denials);
            settings.denials = match &settings.metadata {
                Some(metadata) => denials.with_resource_metadata(metadata),
                None => denials,
            };
        })
    }

    /// Serves this document at its [well-known path](ResourceMetadata::well_known_path), without asking
    /// for a credential, and names it in every challenge (RFC 9728). A request for it never reaches
    /// the inner service.
    ///
    /// Where the normalizer takes DPoP, it names the algorithms of proofs
    /// (`dpop_signing_alg_values_supported`), unless it does already.
    ///
    /// The layer must see the whole path: not inside a router that strips a prefix.
    pub fn with_resource_metadata(self, metadata: &ResourceMetadata) -> Self {
        self.with(|settings| {
            settings.denials = std::mem::take(&mut settings.denials).with_resource_metadata(metadata);
            settings.metadata = Some(naming_algorithms(&settings.normalizer, metadata));
        })
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

fn offering(normalizer: &Normalizer, denials: Denials) -> Denials {
    match dpop_challenge(normalizer) {
        Some(challenge) => denials.with_dpop(challenge),
        None => denials,
    }
}

/// The document with the algorithms of proofs, where they are taken and it does not say which.
fn naming_algorithms(normalizer: &Normalizer, metadata: &ResourceMetadata) -> ResourceMetadata {
    let is_silent = metadata.dpop_signing_algorithms().next().is_none();
    let named = normalizer.dpop().filter(|_| is_silent).and_then(|verifier| {
        let names = verifier.algorithms().iter().map(|algorithm| algorithm.as_str());
        metadata.clone().with_dpop_signing_algorithms(names).ok()
    });
    named.unwrap_or_else(|| metadata.clone())
}

/// The challenge of a normalizer that [takes DPoP](remint_normalize::NormalizerBuilder::dpop), for the
/// [`Denials`] of a layer of its own, such as a [`RequireLayer`](crate::RequireLayer)'s.
#[must_use]
pub fn dpop_challenge(normalizer: &Normalizer) -> Option<DpopChallenge> {
    let verifier = normalizer.dpop()?.clone();
    let challenge = DpopChallenge::new(verifier.algorithms().iter().map(|algorithm| algorithm.as_str()));
    Some(challenge.with_nonce(move || verifier.nonce()))
}

impl<S> Layer<S> for NormalizeLayer {
    type Service = Normalize<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Normalize { inner, settings: Arc::clone(&self.settings) }
    }
}
