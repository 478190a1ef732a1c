use std::time::{Duration, SystemTime, UNIX_EPOCH};

use remint_core::{Network, Scopes, Timestamp};

pub(crate) fn scopes(scopes: &Scopes) -> Vec<String> {
    scopes.iter().map(str::to_owned).collect()
}

pub(crate) fn networks(networks: &[Network]) -> Vec<String> {
    networks.iter().map(ToString::to_string).collect()
}

/// RFC 3339, in UTC, to the millisecond. The years end at 9999.
pub(crate) fn time(moment: Timestamp) -> String {
    humantime::format_rfc3339_millis(system_time(moment)).to_string()
}

fn system_time(moment: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(moment.as_millis().min(LAST_MILLI))
}

/// 9999-12-31T23:59:59.999Z.
const LAST_MILLI: u64 = 253_402_300_799_999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_up_to_the_year_9999() {
        assert_eq!(time(Timestamp::from_millis(1_767_225_600_123)), "2026-01-01T00:00:00.123Z");
        assert_eq!(time(Timestamp::MAX), "9999-12-31T23:59:59.999Z");
    }
}
