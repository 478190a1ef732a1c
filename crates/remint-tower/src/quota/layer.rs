use std::num::NonZeroU32;
use std::sync::Arc;

use remint_guard::Denials;
use remint_quota::Quota;
use tower_layer::Layer;

use super::Limited;
use super::settings::Settings;

/// Holds callers to the limits of their plans.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct QuotaLayer {
    pub(super) settings: Arc<Settings>,
}

impl QuotaLayer {
    /// The limits that hold on every route.
    pub fn new(quota: Quota) -> Self {
        let settings = Settings { quota, class: None, cost: 1, denials: None, pass_when_unavailable: false };
        Self { settings: Arc::new(settings) }
    }

    /// Those, and the limits of this class of routes.
    pub fn with_class(self, class: &str) -> Self {
        self.with(|settings| settings.class = Some(class.into()))
    }

    /// Charges so many units for a request instead of one. Limits whose burst is smaller refuse every
    /// request.
    pub fn with_cost(self, units: NonZeroU32) -> Self {
        self.with(|settings| settings.cost = units.get().into())
    }

    /// How refusals are answered: a hook for their bodies. Unless set, as the layer outside answers
    /// ([`Denials::share`]).
    pub fn with_denials(self, denials: Denials) -> Self {
        self.with(|settings| settings.denials = Some(denials))
    }

    /// Lets requests pass uncounted while the counter does not answer, instead of refusing them with
    /// 503.
    pub fn insecure_pass_when_unavailable(self) -> Self {
        self.with(|settings| settings.pass_when_unavailable = true)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl<S> Layer<S> for QuotaLayer {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Limited::new(inner, self)
    }
}
