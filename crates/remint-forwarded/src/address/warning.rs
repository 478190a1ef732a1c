use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tells the operator of a proxy that is not trusted: once an hour, since every client can make itself look
/// like one.
#[derive(Debug, Default)]
pub(super) struct Warning(Mutex<Option<Instant>>);

impl Warning {
    pub(super) fn forwards(&self, peer: IpAddr) {
        if self.is_due(Instant::now()) {
            tracing::warn!(
                target: "remint",
                %peer,
                "a peer that is not a trusted proxy sends `X-Forwarded-For` or `Forwarded`: the client's address is \
                 unknown for its requests, and credentials that are bound to networks are refused. If it is a proxy \
                 of yours, add its address to `listen.trusted_proxies` (`ClientAddrLayer::trusting`); if it is a \
                 client, there is nothing to do"
            );
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.saturating_duration_since(last) >= EVERY);
        if due {
            *last = Some(now);
        }
        due
    }
}

const EVERY: Duration = Duration::from_secs(60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_warning_an_hour_however_many_peers_forward() {
        let (warning, start) = (Warning::default(), Instant::now());
        let due: Vec<_> = (0..120).filter(|minute| warning.is_due(start + Duration::from_secs(60 * minute))).collect();
        assert_eq!(due, [0, 60]);
    }
}
