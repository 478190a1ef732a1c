use crate::IssuerId;

/// An issuer that is no address, so that nobody could find its keys or compare its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the issuer `{issuer}` {problem}")]
pub struct InvalidIssuer {
    issuer: IssuerId,
    problem: Problem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("holds white space")]
    WhiteSpace,
    #[error("has no scheme: `https://` is missing")]
    NoScheme,
    #[error("names no host after its scheme: an issuer looks like `https://auth.example`")]
    NoHost,
}

impl InvalidIssuer {
    /// Whether there is white space in it, which no issuer's name holds.
    #[must_use]
    pub fn holds_white_space(&self) -> bool {
        self.problem == Problem::WhiteSpace
    }
}

impl IssuerId {
    /// Checks that the issuer is an address, as an issuer that is configured must be: with a scheme, and without white
    /// space (RFC 8414 §2 asks for `https`; the name of an issuer that is never asked may have another scheme, such as
    /// `urn:`).
    ///
    /// What a token says of its issuer is compared as text and is not checked so: some providers leave the scheme out.
    ///
    /// # Errors
    ///
    /// [`InvalidIssuer`], which says what is missing.
    pub fn check_address(&self) -> Result<(), InvalidIssuer> {
        match problem(self.as_str()) {
            None => Ok(()),
            Some(problem) => Err(InvalidIssuer { issuer: self.clone(), problem }),
        }
    }
}

fn problem(text: &str) -> Option<Problem> {
    if text.contains(char::is_whitespace) {
        return Some(Problem::WhiteSpace);
    }
    let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, rest)| is_scheme(scheme) && !is_port(rest)) else {
        return Some(Problem::NoScheme);
    };
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let names_a_host =
        rest.strip_prefix("//").is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']));
    (is_web && !names_a_host).then_some(Problem::NoHost)
}

/// RFC 3986 §3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// `localhost:8080` has a port, and no scheme.
fn is_port(rest: &str) -> bool {
    let port = rest.split('/').next().unwrap_or_default();
    rest.is_empty() || (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        IssuerId::new(text).unwrap().check_address().map_err(|error| error.to_string())
    }

    #[test]
    fn an_issuer_is_an_address_with_a_scheme() {
        for text in [
            "https://auth.internal",
            "https://auth.internal:8443/tenant",
            "http://127.0.0.1:8080",
            "https://login.example/{tenantid}/v2.0",
            "urn:example:issuer",
            "spiffe://example",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let no_scheme = |text| Err(format!("the issuer `{text}` has no scheme: `https://` is missing"));
        for text in
            ["auth.internal", "auth.internal/a", "localhost:8080", "auth.internal:8443/a", "//auth", "1a:b", "a:"]
        {
            assert_eq!(check(text), no_scheme(text));
        }
        for text in [" https://auth", "https://auth ", "https://au th", "https://auth\u{a0}"] {
            assert_eq!(check(text), Err(format!("the issuer `{text}` holds white space")));
        }
        for text in ["https:auth", "https://", "https:/auth", "HTTPS:///auth", "https://?a"] {
            assert!(check(text).unwrap_err().contains("names no host"), "{text}");
        }
    }
}
