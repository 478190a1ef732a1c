//! JSON as RFC 8725 §2.6 and §3.4 would have it: an object whose members are each there once, at
//! every level, no deeper and with no more values than the limits say.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep objects and arrays may be nested.
pub(crate) const MAX_DEPTH: u8 = 32;

/// Why a text is not strict JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StrictError {
    /// Not JSON, not an object, too deep, or too many values.
    Malformed,
    /// A member that is there twice.
    Duplicate,
}

/// Parses one object that holds at most `max_values` values in all.
pub(crate) fn parse_object(bytes: &[u8], max_values: u32) -> Result<Map<String, Value>, StrictError> {
    let text = std::str::from_utf8(bytes).map_err(|_| StrictError::Malformed)?;
    let budget = Budget { values: Cell::new(max_values), duplicate: Cell::new(false) };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = deserializer.deserialize_map(Strict { budget: &budget, depth: MAX_DEPTH });
    match (parsed, deserializer.end()) {
        (Ok(Value::Object(map)), Ok(())) => Ok(map),
        _ if budget.duplicate.get() => Err(StrictError::Duplicate),
        _ => Err(StrictError::Malformed),
    }
}

struct Budget {
    values: Cell<u32>,
    duplicate: Cell<bool>,
}

/// One value, with what is left of the limits.
#[derive(Clone, Copy)]
struct Strict<'b> {
    budget: &'b Budget,
    depth: u8,
}

impl Strict<'_> {
    fn descend<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom("too deep")),
        }
    }

    fn spend<E: serde::de::Error>(self) -> Result<(), E> {
        match self.budget.values.get().checked_sub(1) {
            Some(left) => {
                self.budget.values.set(left);
                Ok(())
            }
            None => Err(E::custom("too many values")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.spend()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("strict JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.descend()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.descend()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(inner)?;
            if members.insert(name, value).is_some() {
                self.budget.duplicate.set(true);
                return Err(A::Error::custom("present twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Map<String, Value>, StrictError> {
        parse_object(text.as_bytes(), 64)
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
            assert_eq!(parse(text), Err(StrictError::Duplicate), "{text}");
        }
        assert!(parse(r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#).is_ok());
    }

    #[test]
    fn only_one_object_and_nothing_after_it_is_accepted() {
        for text in ["", "1", "null", "[]", "\"a\"", "{}{}", "{} x", "{", "{'a':1}", "{\"a\":NaN}", "\u{feff}{}", "{,}"]
        {
            assert_eq!(parse(text), Err(StrictError::Malformed), "{text}");
        }
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}", 64), Err(StrictError::Malformed));
        assert!(parse("{\"a\":\"\\ud800\"}").is_err());
    }

    #[test]
    fn nesting_ends_at_thirty_two() {
        let nested = |arrays: usize| format!("{{\"a\":{}{}}}", "[".repeat(arrays), "]".repeat(arrays));
        assert!(parse(&nested(31)).is_ok());
        assert_eq!(parse(&nested(32)), Err(StrictError::Malformed));
        assert_eq!(parse(&nested(5000)), Err(StrictError::Malformed));
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let list = |items: usize| format!("{{\"a\":[{}]}}", vec!["0"; items].join(","));
        assert!(parse(&list(63)).is_ok());
        assert_eq!(parse(&list(64)), Err(StrictError::Malformed));
    }
}
