use std::sync::Arc;

use http::HeaderValue;
use remint_cache::Cached;
use remint_core::Identity;

/// What a request that passes is given: the internal token, and whom it names.
#[derive(Debug, Clone)]
pub struct Pass {
    authorization: HeaderValue,
    identity: Arc<Identity>,
}

impl Pass {
    pub(crate) const fn new(authorization: HeaderValue, identity: Arc<Identity>) -> Self {
        Self { authorization, identity }
    }

    /// The finished `Authorization` header, marked sensitive.
    #[must_use]
    pub const fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }

    /// Who is calling.
    #[must_use]
    pub const fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_identity(self) -> Arc<Identity> {
        self.identity
    }
}

impl Cached for Pass {
    fn weight(&self) -> u32 {
        let header = size_of::<HeaderValue>() + self.authorization.len() + 48;
        self.identity.weight().saturating_add(u32::try_from(header).unwrap_or(u32::MAX))
    }

    fn for_thread(&self) -> Self {
        // A header value's clones share a count; made anew from its bytes it has one of its own.
        let mut authorization =
            HeaderValue::from_bytes(self.authorization.as_bytes()).unwrap_or_else(|_| self.authorization.clone());
        authorization.set_sensitive(true);
        Self { authorization, identity: self.identity.for_thread() }
    }
}
