use std::fmt;

use remint_jwt::Claims;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// The longest context, in bytes of JSON.
pub const MAX_CONTEXT_LEN: usize = 4 * 1024;

/// How deep a context may be nested: itself and seven objects or arrays in it.
pub const MAX_CONTEXT_DEPTH: usize = 8;

/// How many values a context may hold in all.
pub const MAX_CONTEXT_VALUES: usize = 128;

/// A JSON object of a transaction token, its `rctx` or its `tctx`, which means the same to everybody who
/// reads it.
///
/// It has at most [`MAX_CONTEXT_LEN`] bytes, [`MAX_CONTEXT_DEPTH`] levels and [`MAX_CONTEXT_VALUES`]
/// values, no member twice, and no number beyond ±(2⁵³ − 1) (RFC 7493 §2.2): larger ones are texts.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct TransactionContext(Map<String, Value>);

impl TransactionContext {
    /// Reads one JSON object, such as the parameter `request_context` or `request_details`.
    ///
    /// # Errors
    ///
    /// [`ContextError`]: the limit that it breaks.
    pub fn parse(json: &[u8]) -> Result<Self, ContextError> {
        if json.len() > MAX_CONTEXT_LEN {
            return Err(ContextError::TooLong);
        }
        Claims::parse(json).map_err(|_| ContextError::Malformed)?.into_map().try_into()
    }

    /// The members.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// One member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with the other's members besides.
    ///
    /// # Errors
    ///
    /// [`ContextError::Changed`] if both have a member and it is not the same; the others if both
    /// together break a limit.
    pub fn with(&self, other: &Self) -> Result<Self, ContextError> {
        let mut both = self.0.clone();
        for (name, value) in &other.0 {
            if both.get(name).is_some_and(|held| held != value) {
                return Err(ContextError::Changed);
            }
            both.insert(name.clone(), value.clone());
        }
        both.try_into()
    }
}

impl TryFrom<Map<String, Value>> for TransactionContext {
    type Error = ContextError;

    fn try_from(map: Map<String, Value>) -> Result<Self, ContextError> {
        let mut values = MAX_CONTEXT_VALUES;
        for value in map.values() {
            check(value, MAX_CONTEXT_DEPTH - 1, &mut values)?;
        }
        let written = serde_json::to_vec(&map).map_err(|_| ContextError::Malformed)?;
        if written.len() > MAX_CONTEXT_LEN { Err(ContextError::TooLong) } else { Ok(Self(map)) }
    }
}

impl fmt::Debug for TransactionContext {
    /// Shows how many members there are and none of them: they may tell of people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionContext").field("len", &self.0.len()).finish_non_exhaustive()
    }
}

/// Why something is no context of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// No JSON object, or a member of it is there twice.
    #[error("it is not one JSON object with each member once")]
    Malformed,
    /// More than [`MAX_CONTEXT_LEN`] bytes.
    #[error("it is longer than {MAX_CONTEXT_LEN} bytes")]
    TooLong,
    /// More than [`MAX_CONTEXT_DEPTH`] levels.
    #[error("it has more than {MAX_CONTEXT_DEPTH} levels")]
    TooDeep,
    /// More than [`MAX_CONTEXT_VALUES`] values.
    #[error("it has more than {MAX_CONTEXT_VALUES} values")]
    TooManyValues,
    /// A number beyond ±(2⁵³ − 1), which not everybody reads as the same.
    #[error("a number in it is not read by everybody as the same: write it as a text")]
    Number,
    /// A member that a replacement may not change.
    #[error("it would change a member that is there already")]
    Changed,
}

/// One value, where so many levels and values are left.
fn check(value: &Value, levels: usize, values: &mut usize) -> Result<(), ContextError> {
    *values = values.checked_sub(1).ok_or(ContextError::TooManyValues)?;
    let inside = || levels.checked_sub(1).ok_or(ContextError::TooDeep);
    match value {
        Value::Array(items) => {
            let inside = inside()?;
            items.iter().try_for_each(|item| check(item, inside, values))
        }
        Value::Object(members) => {
            let inside = inside()?;
            members.values().try_for_each(|member| check(member, inside, values))
        }
        Value::Number(number) if !is_exact(number) => Err(ContextError::Number),
        _ => Ok(()),
    }
}

/// Whether no reader takes it for another number.
fn is_exact(number: &Number) -> bool {
    match (number.as_u64(), number.as_i64()) {
        (Some(whole), _) => whole <= MAX_SAFE,
        (None, Some(whole)) => whole.unsigned_abs() <= MAX_SAFE,
        (None, None) => number.as_f64().is_some_and(|real| real.abs() < MAX_SAFE_REAL),
    }
}

/// 2⁵³ − 1: beyond it, some readers take two numbers for one.
const MAX_SAFE: u64 = (1 << 53) - 1;
const MAX_SAFE_REAL: f64 = 9_007_199_254_740_992.0;
