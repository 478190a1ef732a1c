use std::time::Duration;

use remint_http_api::{Fault, Read};
use serde_json::Value;

use super::text::{DurationText, LifetimeText};

/// A time span, which may be zero.
pub(crate) fn duration(value: Value) -> Read<Duration> {
    span(&DurationText::text(value)?)
}

/// A time span that is not zero.
pub(crate) fn lifetime(value: Value) -> Read<Duration> {
    let span = span(&LifetimeText::text(value)?)?;
    if span.is_zero() { Err(vec![Fault::new("must be above zero")]) } else { Ok(span) }
}

/// A number in its one spelling, and a unit.
fn span(text: &str) -> Read<Duration> {
    let unit = |(suffix, seconds)| text.strip_suffix(suffix).map(|number: &str| (number, seconds));
    let found = UNITS.into_iter().find_map(unit).filter(|(number, _)| *number == "0" || !number.starts_with('0'));
    let number = found.and_then(|(number, seconds)| Some(number.parse::<u64>().ok()? * seconds));
    number.map(Duration::from_secs).ok_or_else(|| vec![Fault::new(SPELLED)])
}

const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 24 * 3600)];
const SPELLED: &str = "must be a number of seconds, minutes, hours or days, such as `90s`, `15m`, `24h` or `30d`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_is_a_number_and_a_unit() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("15m", 900), ("24h", 86_400), ("30d", 2_592_000)] {
            assert_eq!(duration(text.into()), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "1", "s", "1 h", "1.5h", "00s", "1h30m", "1H", "+1s", "1000000s", "1w"] {
            assert!(duration(text.into()).is_err(), "{text}");
        }
        assert!(lifetime("0s".into()).is_err());
    }
}
