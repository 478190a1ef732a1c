use std::fmt;

use http::HeaderValue;

use crate::{Timestamp, TokenId};

/// A minted internal token, ready to be put in place of the caller's credential.
#[derive(Clone)]
pub struct InternalToken {
    authorization: HeaderValue,
    id: TokenId,
    expires_at: Timestamp,
}

impl InternalToken {
    /// Wraps a compact JWS. `None` if the text cannot stand in a header.
    #[must_use]
    pub fn new(jws: &str, id: TokenId, expires_at: Timestamp) -> Option<Self> {
        let mut authorization = HeaderValue::try_from(["Bearer ", jws].concat()).ok()?;
        authorization.set_sensitive(true);
        Some(Self { authorization, id, expires_at })
    }

    /// The finished `Authorization` header: `Bearer <token>`, marked sensitive.
    #[must_use]
    pub const fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }

    /// Its `jti`.
    #[must_use]
    pub const fn id(&self) -> &TokenId {
        &self.id
    }

    /// Its `exp`.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The compact JWS itself: a secret.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.authorization.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default()
    }
}

impl fmt::Debug for InternalToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InternalToken")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
