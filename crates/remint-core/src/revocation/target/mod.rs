use serde::{Deserialize, Serialize};

use self::written::Target as Written;
use crate::{ClientId, CredentialId, CredentialKind, IssuerId, KeyId, SessionId, Subject, TenantId, TokenId, UserId};

mod written;

/// What a revocation names.
///
/// As JSON it has a `kind`, and beside that `id`, `credential` with `id`, `issuer` with `subject`, `session` or `jti`,
/// or `dig`: as `POST /v1/revocations` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
#[non_exhaustive]
pub enum Target {
    /// One API key.
    Key(KeyId),
    /// One user of ours, with all their keys.
    User(UserId),
    /// One client of the authorization server: the tokens issued until then in which it is the subject
    /// or an actor. It may get new ones: its secret or keys end in the settings.
    Client(ClientId),
    /// One credential of a kind of your own. While the log keeps the row it is refused; its own source refuses it
    /// from then on.
    Credential {
        /// What its authenticator calls such credentials.
        kind: CredentialKind,
        /// Its public name.
        id: CredentialId,
    },
    /// One subject of an external issuer.
    Subject {
        /// The issuer.
        issuer: IssuerId,
        /// Its subject.
        subject: Subject,
    },
    /// One session at an external issuer.
    Session {
        /// The issuer.
        issuer: IssuerId,
        /// Its `sid`.
        session: SessionId,
    },
    /// Everything of one external issuer.
    Issuer(IssuerId),
    /// Every token of one tenant. API keys are authenticated again: the store says whether they go on.
    Tenant(TenantId),
    /// One token by its `jti`.
    Token {
        /// The issuer.
        issuer: IssuerId,
        /// Its `jti`.
        id: TokenId,
    },
    /// One external token by its [digest](crate::TokenDigest). At an edge it names each token; what was
    /// made of a token that has a `jti` is named by that alone, behind the edge.
    SigningInput([u8; 32]),
    /// Every token. API keys are authenticated again: the store says whether they go on.
    Everything,
}

impl Target {
    /// Whether the source of what it names is outside: only the issuer knows how long its tokens live, and no store of
    /// ours would refuse them.
    #[must_use]
    pub const fn is_external(&self) -> bool {
        match self {
            Self::Key(_) | Self::User(_) | Self::Client(_) => false,
            Self::Credential { .. }
            | Self::Subject { .. }
            | Self::Session { .. }
            | Self::Issuer(_)
            | Self::Tenant(_)
            | Self::Token { .. }
            | Self::SigningInput(_)
            | Self::Everything => true,
        }
    }
}
