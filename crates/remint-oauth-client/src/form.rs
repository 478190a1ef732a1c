use std::borrow::Cow;
use std::fmt;

use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

/// The parameters of one request (`application/x-www-form-urlencoded`). A name may be there more than
/// once, as `audience` and `resource` may (RFC 8693 §2.1).
///
/// The values are wiped when dropped, and `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct Form(Vec<(Cow<'static, str>, Zeroizing<String>)>);

impl Form {
    /// No parameters.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one parameter.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.push(name, value);
        self
    }

    /// Adds one parameter.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push((name.into(), Zeroizing::new(value.into())));
    }

    /// Adds the parameters of another form behind these.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Adds them to the query of an address.
    pub(crate) fn append_to(&self, url: &mut Url) {
        if !self.0.is_empty() {
            url.query_pairs_mut().extend_pairs(self.0.iter().map(|(name, value)| (&**name, value.as_str())));
        }
    }

    /// The body, with further parameters behind these.
    pub(crate) fn encode(&self, more: &[(&str, &str)]) -> Vec<u8> {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            encoded.append_pair(name, value);
        }
        encoded.extend_pairs(more);
        encoded.finish().into_bytes()
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_names_and_no_value() {
        let form = Form::new().with("subject_token", "canary");
        assert_eq!(format!("{form:?}"), r#"["subject_token"]"#);
    }

    #[test]
    fn a_name_may_be_there_twice_and_what_must_be_escaped_is() {
        let form = Form::new().with("audience", "a&b=").with("audience", "c d");
        assert_eq!(form.encode(&[("client_id", "é")]), b"audience=a%26b%3D&audience=c+d&client_id=%C3%A9");
    }
}
