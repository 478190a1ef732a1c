use remint_core::Environment;
use zeroize::Zeroizing;

use crate::ApiKey;
use crate::base62::{self, CHECKSUM_LEN};

/// How the text of a key is built: `<prefix>_<environment>_<secret><checksum>`.
///
/// - *prefix*: [`rmt`](Self::default) unless set, so that a secret scanner finds a leaked key;
/// - *environment*: `live` or `test`;
/// - *secret*: 36 characters of base62 from the operating system's generator. The first four are
///   shown to people as part of the key's start; the 32 behind them are 190.5 bits;
/// - *checksum*: the CRC-32 (IEEE) of all that stands before it, six characters of base62. It tells
///   a mistyped key from an unknown one without a look-up; it protects nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyFormat {
    prefix: Box<str>,
}

impl KeyFormat {
    /// A format with its own prefix.
    ///
    /// # Errors
    ///
    /// [`InvalidPrefix`] unless it is `[a-z][a-z0-9]{0,15}`.
    pub fn new(prefix: &str) -> Result<Self, InvalidPrefix> {
        let mut bytes = prefix.bytes();
        let sound = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
            && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && prefix.len() <= MAX_PREFIX_LEN;
        if sound { Ok(Self { prefix: prefix.into() }) } else { Err(InvalidPrefix) }
    }

    /// The prefix.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// How many bytes each key of this format has.
    #[must_use]
    pub fn key_len(&self) -> usize {
        self.head_len() + SECRET_LEN + CHECKSUM_LEN
    }

    /// Reads a key's text.
    ///
    /// The text is a key of this format if and only if its length, prefix, environment, alphabet
    /// and checksum are right. There is one text for each key: nothing is trimmed, and no case is
    /// folded.
    ///
    /// # Errors
    ///
    /// [`MalformedKey`] if it is anything else. The text is not in the error.
    pub fn parse(&self, text: &str) -> Result<ApiKey, MalformedKey> {
        if text.len() != self.key_len() {
            return Err(MalformedKey);
        }
        let rest = text.strip_prefix(self.prefix()).and_then(|rest| rest.strip_prefix('_')).ok_or(MalformedKey)?;
        let (environment, secret) = rest.split_once('_').ok_or(MalformedKey)?;
        let environment = environment.parse().map_err(|_| MalformedKey)?;
        if !secret.bytes().all(base62::contains) {
            return Err(MalformedKey);
        }
        let (covered, checksum) = text.split_at_checked(text.len() - CHECKSUM_LEN).ok_or(MalformedKey)?;
        if checksum.as_bytes() != base62::checksum(covered) {
            return Err(MalformedKey);
        }
        Ok(self.key(Zeroizing::new(text.to_owned()), environment))
    }

    /// Whether a text means to be a key of this format: it begins with the prefix and `_`.
    pub(crate) fn claims(&self, text: &str) -> bool {
        text.strip_prefix(self.prefix()).is_some_and(|rest| rest.starts_with('_'))
    }

    /// Makes a key that never was before.
    ///
    /// # Errors
    ///
    /// That of the operating system's generator.
    pub(crate) fn generate(&self, environment: Environment) -> Result<ApiKey, getrandom::Error> {
        // Reserved at once: a growing text would leave copies of the secret behind.
        let mut text = Zeroizing::new(String::with_capacity(self.key_len()));
        text.push_str(self.prefix());
        text.push('_');
        text.push_str(environment.as_str());
        text.push('_');
        base62::push_random(&mut text, SECRET_LEN, getrandom::fill)?;
        let checksum = base62::checksum(&text);
        text.extend(checksum.map(char::from));
        Ok(self.key(text, environment))
    }

    fn key(&self, text: Zeroizing<String>, environment: Environment) -> ApiKey {
        ApiKey::new(text, self.head_len() + SHOWN_LEN, environment)
    }

    /// `<prefix>_<environment>_`: both environments have four letters.
    fn head_len(&self) -> usize {
        self.prefix.len() + ENVIRONMENT_LEN + 2
    }
}

impl Default for KeyFormat {
    /// The prefix `rmt`.
    fn default() -> Self {
        Self { prefix: "rmt".into() }
    }
}

/// A text that is no key of the accepted format. It does not say why, nor what the text was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API key of the accepted format")]
pub struct MalformedKey;

/// A prefix that is not `[a-z][a-z0-9]{0,15}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key prefix is 1 to 16 lower-case letters and digits and begins with a letter")]
pub struct InvalidPrefix;

const MAX_PREFIX_LEN: usize = 16;
const ENVIRONMENT_LEN: usize = 4;
const SECRET_LEN: usize = 36;
const SHOWN_LEN: usize = 4;

#[cfg(test)]
mod tests;
