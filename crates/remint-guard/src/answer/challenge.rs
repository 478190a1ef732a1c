use http::HeaderValue;

/// One challenge of `WWW-Authenticate` (RFC 9110 §11.6.1): a scheme and its parameters, in the order in which they are
/// given.
///
/// ```
/// use remint_guard::Challenge;
///
/// let challenge = Challenge::new("Bearer").with("realm", "api").with("error", "invalid_token");
/// assert_eq!(challenge.into_value(), r#"Bearer realm="api", error="invalid_token""#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a challenge tells nobody anything until it stands in a response"]
pub struct Challenge {
    scheme: &'static str,
    text: String,
}

impl Challenge {
    /// A challenge of this scheme without parameters.
    pub fn new(scheme: &'static str) -> Self {
        Self { scheme, text: scheme.to_owned() }
    }

    /// The same with a parameter, as a quoted string: a quote and a backslash in it are escaped (RFC 9110 §5.6.4).
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        let separator = if self.text.len() == self.scheme.len() { " " } else { ", " };
        self.text.extend([separator, name, "=\""]);
        for character in value.chars() {
            if matches!(character, '"' | '\\') {
                self.text.push('\\');
            }
            self.text.push(character);
        }
        self.text.push('"');
        self
    }

    /// The same with a parameter, if there is a value for it.
    pub fn with_some(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The header's value. It is the scheme alone if a parameter holds what no header may, such as a line break.
    #[must_use]
    pub fn into_value(self) -> HeaderValue {
        HeaderValue::try_from(self.text).unwrap_or(HeaderValue::from_static(self.scheme))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stand_in_quotes_and_commas_part_them() {
        assert_eq!(Challenge::new("Bearer").into_value(), "Bearer");
        let two = Challenge::new("Basic").with("realm", "remint").with("charset", "UTF-8");
        assert_eq!(two.into_value(), r#"Basic realm="remint", charset="UTF-8""#);
        let some = Challenge::new("Bearer").with_some("error", None).with_some("scope", Some("a b"));
        assert_eq!(some.into_value(), r#"Bearer scope="a b""#);
    }

    #[test]
    fn no_value_breaks_out_of_its_quotes_or_its_line() {
        let quoted = Challenge::new("Bearer").with("realm", r#"a", error="x\"#);
        assert_eq!(quoted.into_value(), r#"Bearer realm="a\", error=\"x\\""#);
        assert_eq!(Challenge::new("Bearer").with("realm", "a\r\nset-cookie: b").into_value(), "Bearer");
    }
}
