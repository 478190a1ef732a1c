use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderValue;
use remint_cache::Cached;
use remint_core::{Confirmation, CredentialForm, CredentialRef, DeniedKind, Identity, Network, Slot};

/// What a request that passes is given: the internal token, and whom it names.
#[derive(Debug, Clone)]
pub struct Pass {
    authorization: HeaderValue,
    identity: Arc<Identity>,
    /// `None`: it may be used from anywhere.
    networks: Option<Arc<[Network]>>,
    confirmation: Option<Confirmation>,
}

impl Pass {
    pub(crate) fn new(
        authorization: HeaderValue,
        identity: Arc<Identity>,
        networks: Vec<Network>,
        confirmation: Option<Confirmation>,
    ) -> Self {
        let networks = (!networks.is_empty()).then(|| networks.into());
        Self { authorization, identity, networks, confirmation }
    }

    /// The form of the credential that it was made for, which stood in this slot.
    pub(crate) fn form(&self, slot: Slot) -> Option<CredentialForm> {
        match (&self.identity.credential, slot) {
            (_, Slot::SessionCookie) => Some(CredentialForm::Session),
            (CredentialRef::Jwt { .. }, _) => Some(CredentialForm::Jwt),
            (CredentialRef::ApiKey { .. }, _) => Some(CredentialForm::ApiKey),
            _ => None,
        }
    }

    /// What whoever uses it must prove to hold.
    pub(crate) const fn confirmation(&self) -> Option<Confirmation> {
        self.confirmation
    }

    /// Whether a hit is not all that it takes to use it, presented so.
    #[inline]
    pub(crate) fn is_to_be_proven(&self, slot: Slot) -> bool {
        self.confirmation.is_some() || slot == Slot::Dpop
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

    /// Both, to keep.
    #[must_use]
    #[inline]
    pub fn into_parts(self) -> (HeaderValue, Arc<Identity>) {
        (self.authorization, self.identity)
    }
}

impl Cached for Pass {
    fn weight(&self) -> u32 {
        let Self { authorization, identity, networks, confirmation } = self;
        let networks = networks.as_deref().map_or(0, |networks| size_of_val(networks) + 32);
        let own = size_of::<Self>() + authorization.len() + 48 + networks + in_place(confirmation);
        identity.weight().saturating_add(u32::try_from(own).unwrap_or(u32::MAX))
    }

    fn for_thread(&self) -> Self {
        // A header value's clones share a count; made anew from its bytes it has one of its own.
        let mut authorization =
            HeaderValue::from_bytes(self.authorization.as_bytes()).unwrap_or_else(|_| self.authorization.clone());
        authorization.set_sensitive(true);
        let networks = self.networks.as_deref().map(Arc::from);
        Self { authorization, identity: self.identity.for_thread(), networks, confirmation: self.confirmation }
    }
}

/// What has no heap: a type that may be copied.
const fn in_place<T: Copy>(_: &T) -> usize {
    0
}

#[cold]
fn within(networks: &[Network], client: Option<IpAddr>) -> Result<(), DeniedKind> {
    let inside = client.is_some_and(|client| networks.iter().any(|network| network.contains(client)));
    if inside { Ok(()) } else { Err(DeniedKind::Network) }
}

#[cfg(test)]
mod tests {
    use remint_core::{MayAct, Subject};
    use remint_testkit::fakes::api_key_of;

    use super::*;

    fn pass(networks: usize) -> Pass {
        let network = |nth| format!("10.0.{nth}.0/24").parse().unwrap();
        let identity = Arc::new(api_key_of("alice").identity);
        Pass::new(HeaderValue::from_static("Bearer x"), identity, (0..networks).map(network).collect(), None)
    }

    #[test]
    fn the_networks_have_their_weight_and_a_pass_without_any_has_none_of_it() {
        let least = u32::try_from(200 * size_of::<Network>()).unwrap();
        assert!(pass(200).weight() - pass(0).weight() >= least);
        assert!(pass(0).networks.is_none());
    }

    #[test]
    fn a_pass_weighs_what_its_identity_and_its_token_weigh() {
        let least = pass(0);
        let mut identity = api_key_of("alice").identity;
        let subject = Subject::new("x".repeat(500)).unwrap();
        identity.may_act = Some(MayAct { subject, issuer: None });
        let named = Pass { identity: Arc::new(identity), ..pass(0) };
        assert!(named.weight() >= least.weight() + 500);
        let token = HeaderValue::try_from("x".repeat(2_000)).unwrap();
        let long = Pass { authorization: token, ..pass(0) };
        assert!(long.weight() >= least.weight() + 1_990);
    }

    #[test]
    fn a_threads_own_copy_is_bound_to_the_same_key_or_certificate() {
        let identity = || Arc::new(api_key_of("alice").identity);
        for bound in [None, Some(Confirmation::Jkt([1; 32])), Some(Confirmation::X5tS256([2; 32]))] {
            let copy = Pass::new(HeaderValue::from_static("Bearer x"), identity(), Vec::new(), bound).for_thread();
            assert_eq!(copy.confirmation(), bound);
            assert_eq!(copy.is_to_be_proven(Slot::Bearer), bound.is_some());
            assert!(copy.is_to_be_proven(Slot::Dpop));
        }
    }

    #[test]
    fn a_threads_own_copy_is_bound_to_the_same_networks() {
        let copy = pass(2).for_thread();
        assert_eq!(copy.allows(Some("10.0.1.7".parse().unwrap())), Ok(()));
        for elsewhere in [Some("10.0.2.7".parse().unwrap()), None] {
            assert_eq!(copy.allows(elsewhere), Err(DeniedKind::Network));
            assert_eq!(pass(0).for_thread().allows(elsewhere), Ok(()));
        }
    }
}
