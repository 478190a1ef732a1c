use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::{ClientId, CredentialId, CredentialKind, IssuerId, KeyId, Subject, TokenId};

/// How the caller came: the internal token's `cred`, which never holds the credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CredentialRef {
    /// A token of an external issuer.
    Jwt {
        /// Its `iss`.
        #[serde(rename = "iss")]
        issuer: IssuerId,
        /// Its `sub`.
        #[serde(rename = "sub")]
        subject: Subject,
        /// Its `jti`, where it had one.
        #[serde(rename = "jti", default, skip_serializing_if = "Option::is_none")]
        id: Option<TokenId>,
        /// Its digest, by which revocations name it where it had no `jti`.
        #[serde(rename = "dig", default, skip_serializing_if = "Option::is_none")]
        digest: Option<TokenDigest>,
    },
    /// An API key of ours.
    ApiKey {
        /// The key's public id.
        id: KeyId,
    },
    /// A client of the authorization server, for itself (`client_credentials`, RFC 6749 §4.4).
    Client {
        /// Its id.
        id: ClientId,
    },
    /// What an authenticator of your own knows, such as a session: `{"kind":"session","id":"…"}`.
    #[serde(untagged)]
    Other {
        /// What its authenticator calls such credentials.
        kind: CredentialKind,
        /// Its public name, by which it is revoked.
        id: CredentialId,
    },
}

impl CredentialRef {
    /// A token of an external issuer, named by its `jti`, or by its digest if it has none.
    #[must_use]
    pub fn jwt(issuer: IssuerId, subject: Subject, id: Option<TokenId>, digest: TokenDigest) -> Self {
        let digest = id.is_none().then_some(digest);
        Self::Jwt { issuer, subject, id, digest }
    }

    /// Its kind as the internal token's `cred` says it: `jwt`, `api_key`, `client`, or the name that an
    /// authenticator of your own gave.
    #[must_use]
    pub fn claim_kind(&self) -> &str {
        match self {
            Self::Other { kind, .. } => kind.as_str(),
            ours => ours.kind(),
        }
    }

    /// Its public id: a token's `jti` where it has one, or the id of the key, the client or the other credential.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Jwt { id, .. } => id.as_ref().map(TokenId::as_str),
            Self::ApiKey { id } => Some(id.as_str()),
            Self::Client { id } => Some(id.as_str()),
            Self::Other { id, .. } => Some(id.as_str()),
        }
    }

    /// The kind's name in metrics and logs: `jwt`, `api_key`, `client`, or `other` whatever your own authenticator
    /// calls it, so that there are few.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Jwt { .. } => "jwt",
            Self::ApiKey { .. } => "api_key",
            Self::Client { .. } => "client",
            Self::Other { .. } => "other",
        }
    }
}

/// The SHA-256 of an external token's signing input (RFC 7515 §2), never of its whole text: an ECDSA
/// signature has a twin. Of an opaque token it is that of the text. As text it is base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenDigest(pub [u8; 32]);

/// A text that is no [`TokenDigest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token's digest is 32 bytes in base64url without padding")]
pub struct InvalidTokenDigest;

impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenDigest({self})")
    }
}

impl FromStr for TokenDigest {
    type Err = InvalidTokenDigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidTokenDigest)?;
        bytes.try_into().map(Self).map_err(|_| InvalidTokenDigest)
    }
}

impl TryFrom<String> for TokenDigest {
    type Error = InvalidTokenDigest;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TokenDigest> for String {
    fn from(digest: TokenDigest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> (IssuerId, Subject, TokenId) {
        (IssuerId::new("https://idp.example").unwrap(), Subject::new("a").unwrap(), TokenId::new("t-1").unwrap())
    }

    #[test]
    fn a_digest_is_read_as_it_is_written_and_in_no_other_spelling() {
        let digest = TokenDigest([0xfb; 32]);
        let text = digest.to_string();
        assert_eq!((text.len(), text.parse()), (43, Ok(digest)));
        let twin = [&text[..42], "t"].concat();
        for other in [&text[..42], &[&text, "="].concat(), &text.replace('-', "+"), &twin, "", &text.repeat(2)] {
            assert_eq!(other.parse::<TokenDigest>(), Err(InvalidTokenDigest), "{other}");
        }
    }

    #[test]
    fn a_credential_of_another_kind_is_written_by_its_own_name_and_read_so() {
        let written = serde_json::json!({ "kind": "session", "id": "s-1" });
        let session = CredentialRef::Other { kind: "session".parse().unwrap(), id: CredentialId::new("s-1").unwrap() };
        assert_eq!(serde_json::to_value(&session).unwrap(), written);
        assert_eq!(serde_json::from_value::<CredentialRef>(written).unwrap(), session);
        assert_eq!((session.kind(), session.claim_kind(), session.id()), ("other", "session", Some("s-1")));
    }

    #[test]
    fn one_of_our_kinds_that_cannot_be_read_is_not_taken_for_one_of_another() {
        for written in [
            serde_json::json!({ "kind": "api_key", "id": "" }),
            serde_json::json!({ "kind": "api_key", "id": "x".repeat(65) }),
            serde_json::json!({ "kind": "jwt", "id": "a" }),
            serde_json::json!({ "kind": "job_grant", "id": "a", "job": "b" }),
            serde_json::json!({ "kind": "remint_later", "id": "a" }),
            serde_json::json!({ "kind": "session" }),
            serde_json::json!({ "kind": "session", "id": "" }),
            serde_json::json!({ "kind": "Session", "id": "a" }),
            serde_json::json!({ "id": "a" }),
        ] {
            assert!(serde_json::from_value::<CredentialRef>(written.clone()).is_err(), "{written}");
        }
    }

    #[test]
    fn a_token_with_a_jti_is_named_by_it_and_one_without_by_its_digest() {
        let (issuer, subject, id) = names();
        let json =
            |id| serde_json::to_value(CredentialRef::jwt(issuer.clone(), subject.clone(), id, TokenDigest([0; 32])));
        let named = serde_json::json!({ "kind": "jwt", "iss": "https://idp.example", "sub": "a", "jti": "t-1" });
        assert_eq!(json(Some(id)).unwrap(), named);
        let unnamed =
            serde_json::json!({ "kind": "jwt", "iss": "https://idp.example", "sub": "a", "dig": "A".repeat(43) });
        assert_eq!(json(None).unwrap(), unnamed);
        let read: CredentialRef = serde_json::from_value(unnamed).unwrap();
        assert_eq!(read, CredentialRef::jwt(issuer, subject, None, TokenDigest([0; 32])));
    }
}
