use crate::Unavailable;

/// Why a store did not do what it was asked. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something of that id, digest or external identity is already there.
    #[error("it already exists")]
    Conflict,
    /// The user the key is to belong to is not there.
    #[error("no such user")]
    UnknownUser,
    /// The key that is to be rotated is not there.
    #[error("no such key")]
    UnknownKey,
    /// The key that is to be rotated was revoked, has ended, or was rotated already.
    #[error("the key has ended or was rotated already")]
    Ended,
    /// The key that is to [make](crate::MadeBy) the new one is not there, was revoked, or has ended.
    #[error("the key that makes the new key has ended")]
    MakerEnded,
    /// The same request was carried out before, under the same idempotency key.
    #[error("it was done before")]
    Replayed {
        /// The id of what was made then.
        resource: String,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// The store did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
