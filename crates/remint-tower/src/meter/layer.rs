use remint_usage::Meter;
use tower_layer::Layer;

use super::Metered;

/// Counts the requests of whoever is signed in.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct MeterLayer {
    meter: Meter,
}

impl MeterLayer {
    /// A layer that counts with this meter. Whoever made it flushes it.
    pub const fn new(meter: Meter) -> Self {
        Self { meter }
    }
}

impl<S> Layer<S> for MeterLayer {
    type Service = Metered<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Metered::new(inner, self.meter.clone())
    }
}
