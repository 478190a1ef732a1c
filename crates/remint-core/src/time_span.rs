use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How long something lasts, as people give it: a number of seconds, minutes, hours or days, such as `90s`, `15m`, `24h`
/// or `30d`. Months and years have no one length, and are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSpan(Duration);

impl TimeSpan {
    /// How many characters it has at most.
    pub const MAX_LENGTH: usize = 7;

    /// Every time span, as a regular expression.
    pub const PATTERN: &str = "^(0|[1-9][0-9]{0,5})[smhd]$";

    /// Every time span but zero, as a regular expression.
    pub const PATTERN_ABOVE_ZERO: &str = "^[1-9][0-9]{0,5}[smhd]$";

    /// How long: whole seconds.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for TimeSpan {
    type Err = InvalidTimeSpan;

    /// A number in its one spelling, of at most six digits, and a unit.
    fn from_str(text: &str) -> Result<Self, InvalidTimeSpan> {
        let unit = |(suffix, seconds)| text.strip_suffix(suffix).map(|number: &str| (number, seconds));
        let (number, seconds) = UNITS.into_iter().find_map(unit).ok_or(InvalidTimeSpan)?;
        let plain = (1..Self::MAX_LENGTH).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || (number.len() > 1 && number.starts_with('0')) {
            return Err(InvalidTimeSpan);
        }
        let number: u64 = number.parse().map_err(|_| InvalidTimeSpan)?;
        Ok(Self(Duration::from_secs(number * seconds)))
    }
}

impl fmt::Display for TimeSpan {
    /// In the largest unit that it is a whole number of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match UNITS.into_iter().find(|(_, unit)| seconds > 0 && seconds.is_multiple_of(*unit)) {
            Some((name, unit)) => write!(f, "{}{name}", seconds / unit),
            None => write!(f, "{seconds}s"),
        }
    }
}

/// A text that is no [`TimeSpan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number of seconds, minutes, hours or days, such as `90s`, `15m`, `24h` or `30d`")]
pub struct InvalidTimeSpan;

/// The largest first.
const UNITS: [(char, u64); 4] = [('d', 24 * 3600), ('h', 3600), ('m', 60), ('s', 1)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_is_a_number_and_a_unit() {
        for (text, seconds, shown) in [
            ("0s", 0, "0s"),
            ("0d", 0, "0s"),
            ("90s", 90, "90s"),
            ("15m", 900, "15m"),
            ("24h", 86_400, "1d"),
            ("30d", 2_592_000, "30d"),
            ("999999d", 86_399_913_600, "999999d"),
        ] {
            let span: TimeSpan = text.parse().unwrap();
            assert_eq!((span.duration(), &*span.to_string()), (Duration::from_secs(seconds), shown), "{text}");
            assert_eq!(shown.parse(), Ok(span));
        }
        let pattern = regex::Regex::new(TimeSpan::PATTERN).unwrap();
        for text in ["", "1", "s", "1 h", "1.5h", "00s", "01h", "1h30m", "1H", "+1s", "1000000s", "1w", "1month", "1y"]
        {
            assert_eq!(text.parse::<TimeSpan>(), Err(InvalidTimeSpan), "{text}");
            assert!(!pattern.is_match(text), "{text}");
        }
    }
}
