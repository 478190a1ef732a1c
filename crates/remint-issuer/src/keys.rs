use std::sync::Arc;

use remint_core::{Clock, Timestamp};
use remint_jwt::{JwkSet, SigningKey};

use crate::fixed::FixedKey;
use crate::kept::KeptKeys;
use crate::remote::RemoteKey;
use crate::{IssuerError, KeyState, KeyStatus};

/// The keys of one issuer: its own, one that it was given, or one that is held elsewhere.
#[derive(Debug)]
pub(crate) enum Keys {
    Kept(KeptKeys),
    Fixed(FixedKey),
    Remote(RemoteKey),
}

impl Keys {
    /// The key that signs at `now`, if it is in this process.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<Arc<SigningKey>> {
        match self {
            Self::Kept(keys) => keys.signing(now),
            Self::Fixed(key) => Some(key.signing()),
            Self::Remote(_) => None,
        }
    }

    /// The keys that somebody may need to verify a token at `now`, or soon.
    pub(crate) fn published(&self, now: Timestamp) -> Arc<JwkSet> {
        match self {
            Self::Kept(keys) => keys.published(now),
            Self::Fixed(key) => key.published(),
            Self::Remote(key) => key.published(),
        }
    }

    /// All that are published, and what each does.
    pub(crate) fn list(&self, now: Timestamp) -> Vec<KeyStatus> {
        match self {
            Self::Kept(keys) => keys.list(now),
            Self::Fixed(key) => list(&key.published(), key.key_id()),
            Self::Remote(key) => list(&key.published(), key.key_id()),
        }
    }

    pub(crate) fn rotate(&self, clock: &dyn Clock) -> Result<(), IssuerError> {
        self.kept()?.keep_up(clock, true)
    }

    pub(crate) fn maintain(&self, clock: &dyn Clock) -> Result<(), IssuerError> {
        match self {
            Self::Kept(keys) => keys.keep_up(clock, false),
            Self::Fixed(_) | Self::Remote(_) => Ok(()),
        }
    }

    pub(crate) fn retire(&self, clock: &dyn Clock, key_id: &str) -> Result<bool, IssuerError> {
        self.kept()?.retire(clock, key_id)
    }

    fn kept(&self) -> Result<&KeptKeys, IssuerError> {
        match self {
            Self::Kept(keys) => Ok(keys),
            Self::Fixed(_) | Self::Remote(_) => Err(IssuerError::FixedKey),
        }
    }
}

fn list(published: &JwkSet, signing: &str) -> Vec<KeyStatus> {
    let status = |key: &remint_jwt::Jwk| {
        let key_id = key.key_id().unwrap_or_default().to_owned();
        let state = if key_id == signing { KeyState::Signing } else { KeyState::Published };
        KeyStatus { key_id, algorithm: key.algorithm(), activates_at: None, state, public: key.clone() }
    };
    published.iter().map(status).collect()
}
