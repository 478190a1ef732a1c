use std::sync::Weak;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::refreshing::RefreshingKeys;
use crate::{KeySetSettings, telemetry};

/// Fetches the set every interval, and sooner again after a failure, until the last handle is
/// gone.
pub(crate) async fn run(set: Weak<RefreshingKeys>, settings: KeySetSettings, mut succeeded: bool) {
    let mut failures = 0;
    loop {
        failures = if succeeded { 0 } else { failures + 1 };
        let next = Instant::now() + pause(&settings, failures);
        while Instant::now() < next {
            sleep_until(next.min(Instant::now() + GAUGE_INTERVAL)).await;
            let Some(set) = set.upgrade() else { return };
            telemetry::aged(&set.issuer, set.age());
        }
        let Some(set) = set.upgrade() else { return };
        succeeded = set.refresh().await.is_ok();
    }
}

/// After the first failure the shortest pause, doubled with each further one.
fn pause(settings: &KeySetSettings, failures: u32) -> Duration {
    let interval = settings.refresh_interval.max(SHORTEST);
    match failures {
        0 => interval,
        n => settings.retry_after.max(SHORTEST).saturating_mul(1 << (n - 1).min(16)).min(interval),
    }
}

const GAUGE_INTERVAL: Duration = Duration::from_secs(15);
const SHORTEST: Duration = Duration::from_secs(1);
