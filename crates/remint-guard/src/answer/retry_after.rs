use std::time::Duration;

use http::HeaderValue;

/// The value of `Retry-After` in whole seconds (RFC 9110 §10.2.3): rounded up, since a second too late is better than
/// one too early, and at least one.
#[must_use]
pub fn retry_after(after: Duration) -> HeaderValue {
    let up = u64::from(after.subsec_nanos() > 0);
    after.as_secs().saturating_add(up).max(1).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up_and_there_is_at_least_one() {
        for (after, seconds) in [
            (Duration::ZERO, "1"),
            (Duration::from_nanos(1), "1"),
            (Duration::from_secs(1), "1"),
            (Duration::new(1, 1), "2"),
            (Duration::from_millis(1999), "2"),
            (Duration::from_secs(60), "60"),
            (Duration::MAX, "18446744073709551615"),
        ] {
            assert_eq!(retry_after(after), seconds, "{after:?}");
        }
    }
}
