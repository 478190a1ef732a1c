use std::str::FromStr;
use std::time::Duration;

use remint_core::{Environment, Scopes, UserId};

/// What a new key is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    pub(crate) user: UserId,
    pub(crate) environment: Environment,
    pub(crate) name: Option<KeyName>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) expires_in: Option<Duration>,
}

impl NewKey {
    /// A key of this user: without a name, with the user's scopes, without an end.
    #[must_use]
    pub const fn new(user: UserId, environment: Environment) -> Self {
        Self { user, environment, name: None, scopes: None, expires_in: None }
    }

    /// With a name for people.
    #[must_use]
    pub fn with_name(mut self, name: KeyName) -> Self {
        self.name = Some(name);
        self
    }

    /// With these scopes only. A scope that the user does not have at the moment the key is used
    /// is not given, whatever stands here.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = Some(scopes);
        self
    }

    /// With an end, counted from its creation, to the millisecond.
    #[must_use]
    pub const fn expiring_in(mut self, duration: Duration) -> Self {
        self.expires_in = Some(duration);
        self
    }
}

/// A name that a person gave a key: 1 to 128 bytes without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// Checks and wraps a text.
    ///
    /// # Errors
    ///
    /// [`InvalidKeyName`] if it is empty, too long or holds a control character.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidKeyName> {
        let text = text.into();
        let sound = (1..=MAX_LEN).contains(&text.len()) && !text.chars().any(char::is_control);
        if sound { Ok(Self(text)) } else { Err(InvalidKeyName) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<KeyName> for String {
    fn from(name: KeyName) -> Self {
        name.0
    }
}

impl FromStr for KeyName {
    type Err = InvalidKeyName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

/// A key name that is empty, too long or holds a control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key's name must be 1 to 128 bytes without control characters")]
pub struct InvalidKeyName;

const MAX_LEN: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_bounded_and_without_control_characters() {
        assert!(KeyName::new("the laptop, 2nd — für Zoë").is_ok());
        for text in [String::new(), "a\0b".into(), "a\nb".into(), "a".repeat(129)] {
            assert_eq!(KeyName::new(text), Err(InvalidKeyName));
        }
    }
}
