use std::sync::Arc;

use remint_core::Timestamp;
use remint_jwt::SigningKey;

/// A signing key and the moment from which it signs.
#[derive(Debug, Clone)]
pub(crate) struct RingKey {
    pub(crate) activates_at: Timestamp,
    pub(crate) key: Arc<SigningKey>,
}
