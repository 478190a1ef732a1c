use remint_core::MAX_GIVEN;
use remint_http_api::{Fault, Read};
use serde_json::Value;

/// How many items a list may have.
pub(crate) const MAX_ITEMS: usize = MAX_GIVEN;

/// A list of bounded length, each item read by itself.
pub(crate) fn list<T>(value: Value, read: impl Fn(Value) -> Read<T>) -> Read<Vec<T>> {
    let Value::Array(items) = value else { return Err(vec![Fault::new("must be a list")]) };
    if items.len() > MAX_ITEMS {
        return Err(vec![Fault::new("must have at most 100 items")]);
    }
    let (mut found, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
    for (index, item) in items.into_iter().enumerate() {
        match read(item) {
            Ok(item) => found.push(item),
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| fault.within(&index.to_string()))),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}
