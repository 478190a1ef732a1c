use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an [authenticator](crate::Authenticator) of your own calls its credentials, such as `session`: the `kind` of
/// [`CredentialRef::Other`](crate::CredentialRef::Other), for everybody who reads the internal token.
///
/// It is 1 to 32 small letters, digits and `_`, begins with a letter, and is no kind of ours. What begins with
/// `remint` is ours, too: kinds that come later are called so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CredentialKind(Box<str>);

impl CredentialKind {
    /// Checks and wraps a text.
    ///
    /// # Errors
    ///
    /// [`InvalidCredentialKind`] if it is no such name, or one of ours.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, InvalidCredentialKind> {
        let text = text.into();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let sound = (1..=Self::MAX_LENGTH).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(plain);
        if !sound || text.starts_with("remint") || OURS.contains(&&*text) {
            return Err(InvalidCredentialKind);
        }
        Ok(Self(text))
    }

    /// How many characters it has at most.
    pub const MAX_LENGTH: usize = 32;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CredentialKind {
    type Err = InvalidCredentialKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for CredentialKind {
    type Error = InvalidCredentialKind;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<CredentialKind> for String {
    fn from(kind: CredentialKind) -> Self {
        kind.0.into()
    }
}

/// A text that is no [`CredentialKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a kind of credential must be 1 to 32 small letters, digits and `_`, begin with a letter and not with `remint`, and \
     be none of {}", OURS.join(", ")
)]
pub struct InvalidCredentialKind;

/// Of credentials, and of whatever else may have done something.
const OURS: [&str; 12] = [
    "jwt",
    "api_key",
    "client",
    "job_grant",
    "other",
    "caller",
    "bootstrap",
    "operator",
    "scanner",
    "sign_up",
    "system",
    "unknown",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuditActor, MadeBy};

    #[test]
    fn a_kind_is_a_short_word_and_none_of_ours() {
        for text in ["session", "pat", "s", "mtls_2", &"a".repeat(32)] {
            assert_eq!(CredentialKind::new(text).unwrap().as_str(), text);
        }
        for text in ["", "Session", "a b", "a-b", "é", "2fa", "_a", "remint", "remint_x", &"a".repeat(33)] {
            assert!(CredentialKind::new(text).is_err(), "{text}");
        }
        for ours in OURS {
            assert!(CredentialKind::new(ours).is_err(), "{ours}");
        }
    }

    #[test]
    fn whatever_else_is_told_apart_by_a_kind_is_none() {
        let made = [MadeBy::Bootstrap, MadeBy::SignUp, MadeBy::Operator, MadeBy::System, MadeBy::Unknown];
        let actors = [AuditActor::Bootstrap, AuditActor::Operator { account: None }, AuditActor::System];
        let kinds = made.iter().map(MadeBy::kind).map(str::to_owned);
        let actors =
            actors.iter().map(|actor| serde_json::to_value(actor).unwrap()["kind"].as_str().unwrap().to_owned());
        for kind in kinds.chain(actors) {
            assert!(CredentialKind::new(kind.clone()).is_err(), "{kind}");
        }
    }
}
