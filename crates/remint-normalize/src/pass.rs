use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderValue;
use remint_cache::Cached;
use remint_core::{DeniedKind, Identity, Network};

/// What a request that passes is given: the internal token, and whom it names.
#[derive(Debug, Clone)]
pub struct Pass {
    authorization: HeaderValue,
    identity: Arc<Identity>,
    /// `None`: it may be used from anywhere.
    networks: Option<Arc<[Network]>>,
}

impl Pass {
    pub(crate) fn new(authorization: HeaderValue, identity: Arc<Identity>, networks: Vec<Network>) -> Self {
        let networks = (!networks.is_empty()).then(|| networks.into());
        Self { authorization, identity, networks }
    }

    /// Whether it may be used from this address; `None`: nobody stated one.
    #[inline]
    pub(crate) fn allows(&self, client: Option<IpAddr>) -> Result<(), DeniedKind> {
        match &self.networks {
            None => Ok(()),
            Some(networks) => within(networks, client),
        }
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
        let networks = self.networks.as_deref().map_or(0, |networks| size_of_val(networks) + 32);
        self.identity.weight().saturating_add(u32::try_from(header + networks).unwrap_or(u32::MAX))
    }

    fn for_thread(&self) -> Self {
        // A header value's clones share a count; made anew from its bytes it has one of its own.
        let mut authorization =
            HeaderValue::from_bytes(self.authorization.as_bytes()).unwrap_or_else(|_| self.authorization.clone());
        authorization.set_sensitive(true);
        let networks = self.networks.as_deref().map(Arc::from);
        Self { authorization, identity: self.identity.for_thread(), networks }
    }
}

#[cold]
fn within(networks: &[Network], client: Option<IpAddr>) -> Result<(), DeniedKind> {
    let inside = client.is_some_and(|client| networks.iter().any(|network| network.contains(client)));
    if inside { Ok(()) } else { Err(DeniedKind::Network) }
}
