use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{ClientId, IssuerId, KeyId, LogId, SessionId, Subject, TenantId, Timestamp, TokenId, Unavailable, UserId};

mod written;

/// What a revocation names.
///
/// As JSON it has a `kind`, and beside that `id`, `issuer` with `subject`, `session` or `jti`, or `dig`: as
/// `POST /v1/revocations` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "written::Target", into = "written::Target")]
#[non_exhaustive]
pub enum Target {
    /// One API key.
    Key(KeyId),
    /// One user of ours, with all their keys.
    User(UserId),
    /// One client of the authorization server: the tokens issued until then in which it is the subject
    /// or an actor. It may get new ones: its secret or keys end in the settings.
    Client(ClientId),
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
    /// Every token of one tenant. API keys are authenticated anew: the store says whether they go on.
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
    /// Every token. API keys are authenticated anew: the store says whether they go on.
    Everything,
}

/// What a revocation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Revoked, disabled, deleted, moved: cache entries and issued tokens are dead.
    Ended,
    /// Rotated, scopes changed, enabled again: caches forget, and whoever still has a right is
    /// authenticated anew.
    Changed,
}

/// One row of the revocation log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// What is revoked.
    pub target: Target,
    /// Whether it ended or changed.
    pub effect: Effect,
    /// When.
    pub at: Timestamp,
}

/// A place in a revocation log. It only grows, in the order in which readers see the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position(pub u64);

/// How far a reader had read which log: the internal token's `rev`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Which log.
    pub log: LogId,
    /// How far.
    #[serde(rename = "pos")]
    pub position: Position,
}

/// A row with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRevocation {
    /// Its place.
    pub position: Position,
    /// The row.
    pub revocation: Revocation,
}

/// The log of revocations: the truth that every node's table follows.
///
/// # Contract
///
/// - `append` returns after the row is as durable as the log ever makes it; an error may mean
///   either outcome, and the caller tries again (a row twice is harmless).
/// - Positions grow with each row, and no reader sees a row after one with a greater position.
/// - `read_after` returns rows in order, at most `limit`, and an empty list at the head.
/// - `read_after` is `Ok(None)` when the log cannot answer from that stamp: it is of another log,
///   or the log no longer reaches back that far. The reader then empties its cache.
/// - Dropping a call's future leaves the log whole.
#[async_trait]
pub trait RevocationLog: std::fmt::Debug + Send + Sync + 'static {
    /// Where the log stands.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not answer.
    async fn head(&self) -> Result<Stamp, Unavailable>;

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not acknowledge it.
    async fn append(&self, revocation: &Revocation) -> Result<Position, Unavailable>;

    /// Reads the rows after `stamp`.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not answer.
    async fn read_after(&self, stamp: &Stamp, limit: usize) -> Result<Option<Vec<LoggedRevocation>>, Unavailable>;
}
