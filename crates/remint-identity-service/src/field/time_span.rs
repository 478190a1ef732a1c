use std::borrow::Cow;
use std::time::Duration;

use remint_core::{InvalidTimeSpan, TimeSpan};
use remint_http_api::{Fault, Read};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::unfit;

/// A time span, which may be zero.
pub(crate) fn duration(value: Value) -> Read<Duration> {
    let Value::String(text) = value else { return Err(vec![Fault::new("must be a string")]) };
    text.parse().map(TimeSpan::duration).map_err(unfit)
}

/// A time span that is not zero.
pub(crate) fn lifetime(value: Value) -> Read<Duration> {
    let span = duration(value)?;
    if span.is_zero() { Err(vec![Fault::new("must be above zero")]) } else { Ok(span) }
}

/// How long.
pub(crate) enum DurationText {}

/// How long, and not zero.
pub(crate) enum LifetimeText {}

impl PartialSchema for DurationText {
    fn schema() -> RefOr<Schema> {
        schema(TimeSpan::PATTERN, "")
    }
}

impl ToSchema for DurationText {
    fn name() -> Cow<'static, str> {
        "Duration".into()
    }
}

impl PartialSchema for LifetimeText {
    fn schema() -> RefOr<Schema> {
        schema(TimeSpan::PATTERN_ABOVE_ZERO, "; above zero")
    }
}

impl ToSchema for LifetimeText {
    fn name() -> Cow<'static, str> {
        "Lifetime".into()
    }
}

fn schema(pattern: &str, more: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(2))
        .max_length(Some(TimeSpan::MAX_LENGTH))
        .pattern(Some(pattern))
        .description(Some(format!("{InvalidTimeSpan}{more}")))
        .into()
}

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
