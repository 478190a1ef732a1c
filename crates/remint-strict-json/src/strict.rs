use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::JsonError;

/// What is left of the limits on a whole text, and whether it broke the rule.
pub(crate) struct Budget {
    values: Cell<u32>,
    duplicate: Cell<bool>,
    /// A member that is there twice is noted, and ends nothing.
    goes_on: Cell<bool>,
}

impl Budget {
    pub(crate) const fn new(values: u32) -> Self {
        Self { values: Cell::new(values), duplicate: Cell::new(false), goes_on: Cell::new(false) }
    }

    pub(crate) fn note_duplicate(&self) {
        self.duplicate.set(true);
    }

    /// What `read` comes to, and whether a member was there twice in what it read. That ends nothing.
    pub(crate) fn apart<T>(&self, read: impl FnOnce() -> T) -> (T, bool) {
        self.goes_on.set(true);
        let value = read();
        self.goes_on.set(false);
        (value, self.duplicate.replace(false))
    }

    /// Why a text that was not parsed was not.
    pub(crate) const fn error(&self) -> JsonError {
        if self.duplicate.get() { JsonError::Duplicate } else { JsonError::Malformed }
    }
}

/// One value, with what is left of the limits.
#[derive(Clone, Copy)]
pub(crate) struct Strict<'b> {
    budget: &'b Budget,
    depth: u8,
}

impl<'b> Strict<'b> {
    pub(crate) const fn new(budget: &'b Budget, depth: u8) -> Self {
        Self { budget, depth }
    }

    pub(crate) const fn budget(self) -> &'b Budget {
        self.budget
    }

    pub(crate) fn descend<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom("too deep")),
        }
    }

    pub(crate) fn spend<E: serde::de::Error>(self) -> Result<(), E> {
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
                self.budget.note_duplicate();
                if !self.budget.goes_on.get() {
                    return Err(A::Error::custom("present twice"));
                }
            }
        }
        Ok(Value::Object(members))
    }
}
