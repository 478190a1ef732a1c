use serde::Deserializer as _;
use serde_json::{Map, Value};

use crate::JsonError;
use crate::strict::{Budget, Strict};

/// How large an object may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep objects and arrays may be nested, the outermost included.
    pub depth: u8,
    /// How many values there may be in all, the outermost not included.
    pub values: u32,
}

/// Parses one object within these limits.
///
/// # Errors
///
/// [`JsonError`].
pub fn parse_object(bytes: &[u8], limits: Limits) -> Result<Map<String, Value>, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::Malformed)?;
    let budget = Budget::new(limits.values);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = deserializer.deserialize_map(Strict::new(&budget, limits.depth));
    match (parsed, deserializer.end()) {
        (Ok(Value::Object(map)), Ok(())) => Ok(map),
        _ => Err(budget.error()),
    }
}

/// Parses one value of whatever kind. Nesting is bounded by serde_json (127 levels), the number of values by
/// the text's length.
///
/// # Errors
///
/// [`JsonError`].
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::Malformed)?;
    let budget = Budget::new(u32::MAX);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = deserializer.deserialize_any(Strict::new(&budget, u8::MAX));
    match (parsed, deserializer.end()) {
        (Ok(value), Ok(())) => Ok(value),
        _ => Err(budget.error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Result<Map<String, Value>, JsonError> {
        parse_object(text.as_bytes(), Limits { depth: 32, values: 64 })
    }

    #[test]
    fn members_present_twice_are_refused_at_every_level() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert_eq!(object(text), Err(JsonError::Duplicate), "{text}");
            assert_eq!(parse(text.as_bytes()), Err(JsonError::Duplicate), "{text}");
        }
        assert_eq!(parse(br#"[{"b":1,"b":2}]"#), Err(JsonError::Duplicate));
        let once = r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#;
        assert!(object(once).is_ok() && parse(once.as_bytes()).is_ok());
    }

    #[test]
    fn only_one_object_and_nothing_after_it_is_accepted() {
        for text in [
            "",
            "1",
            "null",
            "[]",
            "\"a\"",
            "{}{}",
            "{} x",
            "{",
            "{'a':1}",
            "{\"a\":NaN}",
            "\u{feff}{}",
            "{,}",
            "{\"a\":1e400}",
            "{\"a\":-1e400}",
            "{\"a\":\"\\udc00\\ud800\"}",
        ] {
            assert_eq!(object(text), Err(JsonError::Malformed), "{text}");
        }
        assert_eq!(object(r#"[{"b":1,"b":2}]"#), Err(JsonError::Malformed), "it is no object, whatever is in it");
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}", Limits { depth: 1, values: 1 }), Err(JsonError::Malformed));
        assert!(object("{\"a\":\"\\ud800\"}").is_err());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in
            ["", "{", "{}{}", "{} x", "{'a':1}", "{\"a\":NaN}", "\u{feff}{}", "{\"a\":\"\\ud800\"}", "{\"a\":1e999}"]
        {
            assert_eq!(parse(text.as_bytes()), Err(JsonError::Malformed), "{text}");
        }
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(JsonError::Malformed));
        assert_eq!(parse("[".repeat(5000).as_bytes()), Err(JsonError::Malformed));
    }

    #[test]
    fn any_one_value_is_parsed_as_serde_json_parses_it() {
        let nested = format!("{}{}", "[".repeat(127), "]".repeat(127));
        for text in ["1", "-1", "1.5", "true", "null", "\"a\"", "[1,[2],{}]", "{}", &nested] {
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested = |arrays: usize| format!("{{\"a\":{}{}}}", "[".repeat(arrays), "]".repeat(arrays));
        assert!(object(&nested(31)).is_ok());
        assert_eq!(object(&nested(32)), Err(JsonError::Malformed));
        assert_eq!(object(&nested(5000)), Err(JsonError::Malformed));
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let list = |items: usize| format!("{{\"a\":[{}]}}", vec!["0"; items].join(","));
        assert!(object(&list(63)).is_ok());
        assert_eq!(object(&list(64)), Err(JsonError::Malformed));
    }

    #[test]
    fn a_real_number_keeps_every_digit() {
        // SplitMix64: all exponents, both signs.
        let mut state = 0x5eed_u64;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ mixed >> 31
        };
        let mut read = 0;
        while read < 100_000 {
            let real = f64::from_bits(next());
            if !real.is_finite() {
                continue;
            }
            read += 1;
            let text = Value::from(real).to_string();
            let again = parse(text.as_bytes()).unwrap();
            assert_eq!(again.as_f64().map(f64::to_bits), Some(real.to_bits()), "{text}");
            assert_eq!(again.to_string(), text);
        }
    }
}
