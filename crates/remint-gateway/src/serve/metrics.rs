use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// From now on everything that is counted in this process is kept for `/metrics`.
pub(super) fn install() -> Result<PrometheusHandle, Failure> {
    let builder = PrometheusBuilder::new().set_buckets(&SECONDS);
    let installed = builder.and_then(PrometheusBuilder::install_recorder);
    installed.map_err(|error| Failure::unavailable("metrics cannot be kept", &error))
}

/// What was counted is put in order while nobody asks for it.
pub(super) fn upkeep(metrics: PrometheusHandle) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            metrics.run_upkeep();
        }
    })
}

/// From a cache hit to a slow provider.
const SECONDS: [f64; 14] = [1e-6, 1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
