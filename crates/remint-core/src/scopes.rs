use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A set of scopes (RFC 6749 §3.3): sorted, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes(Vec<Box<str>>);

impl Scopes {
    /// No scopes.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Collects scope tokens.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] if one is empty or holds a character outside RFC 6749 §3.3.
    pub fn try_from_iter<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidScope> {
        let mut scopes = Vec::new();
        for token in tokens {
            if token.is_empty() || !token.bytes().all(is_scope_char) {
                return Err(InvalidScope);
            }
            scopes.push(Box::from(token));
        }
        scopes.sort_unstable();
        scopes.dedup();
        Ok(Self(scopes))
    }

    /// Whether `scope` is among them.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|held| &**held == scope)
    }

    /// Whether all of `required` are among them.
    #[must_use]
    pub fn contains_all(&self, required: &Self) -> bool {
        required.0.iter().all(|scope| self.contains(scope))
    }

    /// Those for which `keep` says so.
    #[must_use]
    pub fn filtered(mut self, mut keep: impl FnMut(&str) -> bool) -> Self {
        self.0.retain(|scope| keep(scope));
        self
    }

    /// Those that stand in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.clone().filtered(|scope| other.contains(scope))
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|scope| &**scope)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

impl FromStr for Scopes {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from_iter(text.split(' ').filter(|token| !token.is_empty()))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A scope token that is empty or holds a character outside RFC 6749 §3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is printable ASCII without spaces, quotes and backslashes (RFC 6749 §3.3): give each scope by itself")]
pub struct InvalidScope;

const fn is_scope_char(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set() {
        let scopes: Scopes = "b a  b".parse().unwrap();
        assert_eq!(scopes.to_string(), "a b");
        assert!(scopes.contains("a") && !scopes.contains("a b"));
    }

    #[test]
    fn a_quote_or_a_control_character_is_no_scope() {
        assert!("a\"b".parse::<Scopes>().is_err());
        assert!("a\u{7f}".parse::<Scopes>().is_err());
        assert!(Scopes::try_from_iter(["a b"]).is_err());
    }
}
