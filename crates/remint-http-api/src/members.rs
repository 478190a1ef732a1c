use std::fmt;

use serde_json::{Map, Value};

use crate::fault::Fault;

/// The outcome of reading a value: the value, or each fault with its place in the value.
pub type Read<T> = Result<T, Vec<Fault>>;

/// The members of an object, taken out one after the other. Faults are collected. It may hold secrets, so `Debug`
/// shows nothing of it.
pub struct Members {
    map: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Members {
    /// The members of a value within the body.
    ///
    /// # Errors
    ///
    /// The fault of a value that is not an object.
    pub fn of(value: Value) -> Read<Self> {
        match value {
            Value::Object(map) => Ok(Self { map, faults: Vec::new() }),
            _ => Err(vec![Fault::new("must be an object")]),
        }
    }

    /// A member that may be absent; `null` is as good as absent.
    pub fn optional<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Option<T> {
        self.nullable(name, read).flatten()
    }

    /// A member that may be absent; `Some(None)`: it is `null`.
    pub fn nullable<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Option<Option<T>> {
        match self.map.get(name) {
            Some(Value::Null) => self.map.remove(name).map(|_null| None),
            _ => self.present(name, read).map(Some),
        }
    }

    /// A member that may be absent, but not `null`.
    pub fn present<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Option<T> {
        match read(self.map.remove(name)?) {
            Ok(value) => Some(value),
            Err(faults) => {
                self.faults.extend(faults.into_iter().map(|fault| fault.within(name)));
                None
            }
        }
    }

    /// A member that must be there.
    pub fn required<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Read<T>) -> Option<T> {
        if !self.map.contains_key(name) {
            self.faults.push(Fault::new("is missing").within(name));
        }
        self.present(name, read)
    }

    /// `read`, if no member had a fault and none is left over.
    ///
    /// # Errors
    ///
    /// Every fault, those of unknown members included.
    pub fn finish<T>(mut self, read: Option<T>) -> Read<T> {
        self.faults.extend(self.map.keys().map(|name| Fault::new("there is no such field").within(name)));
        match read {
            Some(read) if self.faults.is_empty() => Ok(read),
            _ => Err(self.faults),
        }
    }
}

impl From<Map<String, Value>> for Members {
    fn from(map: Map<String, Value>) -> Self {
        Self { map, faults: Vec::new() }
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Members(..)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(value: Value) -> Read<u64> {
        value.as_u64().ok_or_else(|| vec![Fault::new("must be a number")])
    }

    fn faults(read: Read<u64>) -> Vec<(String, String)> {
        let place = |fault: Fault| (fault.pointer.unwrap(), fault.detail.into_owned());
        read.unwrap_err().into_iter().map(place).collect()
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let mut members = Members::of(json!({ "a": "x", "c": 1 })).unwrap();
        let read = members.required("a", number).or(members.required("b", number));
        let told = [("/a", "must be a number"), ("/b", "is missing"), ("/c", "there is no such field")];
        let told: Vec<_> = told.map(|(place, detail)| (place.to_owned(), detail.to_owned())).into();
        assert_eq!(faults(members.finish(read)), told);
        assert_eq!(faults(Members::of(json!([])).map(|_| 0)), [(String::new(), "must be an object".to_owned())]);
    }

    #[test]
    fn null_is_absent_only_where_it_may_be() {
        let mut members = Members::of(json!({ "a": null, "b": null, "c": null })).unwrap();
        assert_eq!(members.optional("a", number), None);
        assert_eq!(members.nullable("b", number), Some(None));
        assert_eq!(members.present("c", number), None);
        assert_eq!(faults(members.finish(Some(0))), [("/c".to_owned(), "must be a number".to_owned())]);
    }
}
