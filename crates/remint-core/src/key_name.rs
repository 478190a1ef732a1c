use std::fmt;
use std::str::FromStr;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::{InvalidName, NameRule};

/// A name that a person gave an API key: 1 to 128 characters of Unicode without control characters, in the
/// normalization form C.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyName(Box<str>);

impl KeyName {
    /// What a key's name may be.
    pub const RULE: NameRule = NameRule::label("a key's name", 128);

    /// Normalizes, checks and wraps a text.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] if it is empty, too long (as it was given, or as it is kept) or holds a control character.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, InvalidName> {
        let text = text.into();
        Self::RULE.check(&text)?;
        if is_nfc(&text) {
            return Ok(Self(text));
        }
        let normal: String = text.nfc().collect();
        Self::RULE.check(&normal)?;
        Ok(Self(normal.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl From<KeyName> for String {
    fn from(name: KeyName) -> Self {
        name.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_any_text_without_control_characters() {
        for text in ["the laptop, 2nd — für Zoë", "Robert's \"key\"; --", "漢字 🦀", &"漢".repeat(128)] {
            assert_eq!(KeyName::new(text).unwrap().as_str(), text);
        }
        for text in ["", "a\0b", "a\nb", "\u{9b}", "\u{202e}", &"a".repeat(129)] {
            assert!(KeyName::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_kept_in_normal_form() {
        assert_eq!(KeyName::new("Zoe\u{308}").unwrap(), KeyName::new("Zo\u{eb}").unwrap());
        // Its normal form is twice as long.
        assert!(KeyName::new("\u{958}".repeat(64)).is_ok() && KeyName::new("\u{958}".repeat(65)).is_err());
    }
}
