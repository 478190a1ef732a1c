use std::time::{Duration, UNIX_EPOCH};

use remint_core::Timestamp;
use serde_json::Value;

/// When the user logged in (`auth_time`), as an access token says it: seconds, of which a fraction is rounded down,
/// or a text of RFC 3339, as AD FS writes it.
pub(crate) fn read(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => {
            let seconds = number.as_f64().filter(|seconds| (0.0..=MAX_SECONDS).contains(seconds))?;
            // Of a whole number nothing may be lost.
            let whole = number.as_u64().map(Duration::from_secs);
            Some(Timestamp::from_secs(whole.unwrap_or_else(|| Duration::from_secs_f64(seconds)).as_secs()))
        }
        Value::String(text) => rfc_3339(text),
        _ => None,
    }
}

/// A moment since 1970, in any time zone (RFC 3339 §5.6), to the second.
fn rfc_3339(text: &str) -> Option<Timestamp> {
    let (local, ahead) = match text.strip_suffix(['Z', 'z']) {
        Some(local) => (local, 0),
        None => {
            let (local, zone) = text.split_at_checked(text.len().checked_sub(6)?)?;
            (local, offset(zone)?)
        }
    };
    let moment = humantime::parse_rfc3339(&[local, "Z"].concat()).ok()?;
    let local = i64::try_from(moment.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    u64::try_from(local - ahead).ok().map(Timestamp::from_secs)
}

/// How many seconds a zone is ahead of UTC: `+01:00`.
fn offset(zone: &str) -> Option<i64> {
    let (sign, rest) = zone.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let two = |digits: &str, below: i64| {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|number| is_number && *number < below)
    };
    let seconds = two(hours, 24)? * 3600 + two(minutes, 60)? * 60;
    match sign {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

/// 2^53 − 1, the largest number of seconds that JSON implementations agree on (RFC 8259 §6).
const MAX_SECONDS: f64 = 9_007_199_254_740_991.0;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_a_number_or_a_text_of_rfc_3339() {
        for (value, seconds) in [
            (json!(1_767_225_600), Some(1_767_225_600)),
            (json!(1_767_225_600.9), Some(1_767_225_600)),
            (json!(0), Some(0)),
            (json!("2026-01-01T00:00:00Z"), Some(1_767_225_600)),
            (json!("2026-01-01T00:00:00.987z"), Some(1_767_225_600)),
            (json!("2026-01-01T01:30:00+01:30"), Some(1_767_225_600)),
            (json!("2025-12-31T16:00:00.123-08:00"), Some(1_767_225_600)),
            (json!("1970-01-01T00:00:00+00:01"), None),
            (json!("1969-12-31T23:59:59Z"), None),
            (json!("1767225600"), None),
            (json!("2026-01-01"), None),
            (json!("2026-01-01T00:00:00"), None),
            (json!("2026-01-01T00:00:00+0100"), None),
            (json!("2026-01-01T00:00:00+24:00"), None),
            (json!("2026-01-01T00:00:00*01:00"), None),
            (json!("2026-01-01T00:00:00++1:00"), None),
            (json!("ä+01:00"), None),
            (json!(""), None),
            (json!(-1), None),
            (json!(1e300), None),
            (json!(true), None),
            (json!([1_767_225_600]), None),
        ] {
            assert_eq!(read(&value).map(Timestamp::as_secs), seconds, "{value}");
        }
    }
}
