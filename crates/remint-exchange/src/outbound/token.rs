use std::fmt;

use http::HeaderValue;
use remint_cache::Cached;
use remint_core::Timestamp;

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenUse {
    /// It gives access to whoever sends it (`token_type` Bearer).
    Bearer,
    /// It is no access token (`token_type` N_A, RFC 8693 §2.2.1): a transaction token.
    NotAccess,
}

/// A token that is ready to go out. `Debug` shows nothing of its text.
#[derive(Clone)]
pub struct OutboundToken {
    bearer: HeaderValue,
    token_use: TokenUse,
    expires_at: Timestamp,
}

impl OutboundToken {
    /// Wraps a token. `None` if it is empty, or its text cannot stand in a header.
    #[must_use]
    pub fn new(text: &str, token_use: TokenUse, expires_at: Timestamp) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let mut bearer = HeaderValue::try_from([BEARER, text].concat()).ok()?;
        bearer.set_sensitive(true);
        Some(Self { bearer, token_use, expires_at })
    }

    /// What it may be used for.
    #[must_use]
    pub const fn token_use(&self) -> TokenUse {
        self.token_use
    }

    /// When it ends.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The text itself: a secret.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.bearer.to_str().ok().and_then(|text| text.strip_prefix(BEARER)).unwrap_or_default()
    }

    /// `Bearer <token>`, marked sensitive.
    pub(crate) fn authorization(&self) -> HeaderValue {
        self.bearer.clone()
    }

    /// The token alone, marked sensitive.
    pub(crate) fn alone(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.expose_secret()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Cached for OutboundToken {
    fn weight(&self) -> u32 {
        let Self { bearer, token_use: _, expires_at: _ } = self;
        u32::try_from(size_of::<Self>() + bearer.len() + 48).unwrap_or(u32::MAX)
    }

    fn for_thread(&self) -> Self {
        Self::new(self.expose_secret(), self.token_use, self.expires_at).unwrap_or_else(|| self.clone())
    }
}

impl fmt::Debug for OutboundToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundToken")
            .field("token_use", &self.token_use)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

const BEARER: &str = "Bearer ";
