use std::fmt;

use async_trait::async_trait;
use remint_core::{Unavailable, UserId};

use super::{LegacyKey, LegacyUser};
use crate::ForeignDigest;

/// A table of hashed keys that another program keeps, and that is only read:
/// [`LegacyKeyAuthenticator`](crate::LegacyKeyAuthenticator) makes an authenticator of it.
///
/// # What it promises
///
/// - Absence is `Ok(None)` or an empty list; an outage is an error, never absence.
/// - Keys that were revoked or have ended, and users who are disabled, are found too, and say so.
/// - An answer has seen every write that was acknowledged before it was asked for.
#[async_trait]
pub trait LegacyKeys: fmt::Debug + Send + Sync + 'static {
    /// The key whose digest this is: SHA-512 or SHA-256 of the whole text. It is asked for both, one after the
    /// other; a table that holds one of them answers `None` for the other.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the table does not answer.
    async fn by_digest(&self, digest: &ForeignDigest) -> Result<Option<LegacyKey>, Unavailable>;

    /// The keys whose text begins so, of a table with salted digests: eight at most are looked at. It is asked only
    /// where a beginning is public: for the format `drf`, or by
    /// [`with_public_beginning`](crate::LegacyKeyAuthenticator::with_public_beginning).
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the table does not answer.
    async fn by_beginning(&self, beginning: &str) -> Result<Vec<LegacyKey>, Unavailable>;

    /// A user. It is asked about nobody, too, so that a refusal takes as long whatever it was for.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the table does not answer.
    async fn user(&self, id: &UserId) -> Result<Option<LegacyUser>, Unavailable>;
}
