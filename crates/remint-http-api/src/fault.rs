use std::borrow::Cow;

use serde::Serialize;

/// What is wrong with one part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where in the body (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which parameter of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong with it.
    pub detail: Cow<'static, str>,
}

impl Fault {
    /// What is wrong with a value. Its reader does not know the value's place in the body.
    pub fn new(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { pointer: Some(String::new()), parameter: None, detail: detail.into() }
    }

    /// The same fault of a value that is the member `name`, or the item of this index, of another value
    /// (RFC 6901 §3).
    #[must_use]
    pub fn within(self, name: &str) -> Self {
        let inner = self.pointer.unwrap_or_default();
        let name = name.replace('~', "~0").replace('/', "~1");
        Self { pointer: Some(format!("/{name}{inner}")), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_json_pointer() {
        let fault = Fault::new("is wrong").within("a/b").within("0").within("c~d");
        assert_eq!(fault.pointer.as_deref(), Some("/c~0d/0/a~1b"));
    }
}
