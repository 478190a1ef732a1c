use serde_json::Value;

use crate::{KeyError, MAX_KEY_ID_LEN};

/// A member of a key set that is not usable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PassedOver {
    /// Its place in the list `keys`.
    pub index: usize,
    /// Its `kid`, if that is a text of at most [`MAX_KEY_ID_LEN`] bytes.
    pub key_id: Option<Box<str>>,
    /// What is wrong with it.
    pub reason: KeyError,
}

impl PassedOver {
    pub(crate) fn new(index: usize, member: &Value) -> Self {
        let key_id = member.get("kid").and_then(Value::as_str).filter(|id| id.len() <= MAX_KEY_ID_LEN);
        Self { index, key_id: key_id.map(Box::from), reason: KeyError::Malformed }
    }
}
