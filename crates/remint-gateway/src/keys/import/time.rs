use std::time::UNIX_EPOCH;

use remint::Timestamp;

/// A moment as RFC 3339 or a database writes it, in UTC: Django keeps it so unless told otherwise.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let utc = ["Z", "+00:00", "+00"].iter().find_map(|zone| text.strip_suffix(zone)).unwrap_or(text);
    // Another zone is not guessed at: the date's own `-` stand before the time.
    let clock = utc.split_once(['T', ' '])?.1;
    if clock.contains(['+', '-', 'Z']) {
        return None;
    }
    let moment = humantime::parse_rfc3339_weak(utc).ok()?;
    let since = moment.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::from_millis(u64::try_from(since.as_millis()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_moment_as_django_sqlite_postgresql_and_rfc_3339_write_it() {
        for text in [
            "2026-01-01 00:00:00.123456",
            "2026-01-01 00:00:00.123456+00",
            "2026-01-01T00:00:00.123Z",
            "2026-01-01T00:00:00.123+00:00",
        ] {
            assert_eq!(parse(text), Some(Timestamp::from_millis(1_767_225_600_123)), "{text}");
        }
        assert_eq!(parse("2026-01-01 00:00:00"), Some(Timestamp::from_millis(1_767_225_600_000)));
    }

    #[test]
    fn what_is_no_moment_in_utc_is_none() {
        for text in [
            "",
            "x",
            "2026-01-01",
            "2026-01-01T00:00:00+02:00",
            "2026-01-01 00:00:00-05",
            "2026-13-01 00:00:00",
            "1969-12-31 23:59:59",
            "2026-01-01 00:00:00ZZ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
