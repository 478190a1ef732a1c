use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use remint_jwt::{Algorithm, Candidates, JwkSet, LookupError};
use remint_keyset::KeySet;

/// Where the issuer's keys come from.
#[derive(Debug)]
pub(crate) enum Keys {
    /// From elsewhere: an unknown key may have to be waited for.
    Remote(KeySet),
    /// From this process: what is not there does not exist.
    Local(LocalKeys),
}

/// The key set of an issuer in this process, as it is at each moment.
#[derive(Clone)]
pub(crate) struct LocalKeys(Arc<Find>);

type Find = dyn Fn(Option<&str>, Algorithm) -> Result<Candidates, LookupError> + Send + Sync;

impl LocalKeys {
    pub(crate) fn new<K: Borrow<JwkSet>>(current: impl Fn() -> K + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |kid, algorithm| current().borrow().find(kid, algorithm)))
    }

    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Candidates, LookupError> {
        (self.0)(kid, algorithm)
    }
}

impl fmt::Debug for LocalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalKeys")
    }
}
