use std::sync::Arc;

use async_trait::async_trait;
use remint::{Authentication, Revocation, RevocationWriter, Revoker, Stamp, Unavailable, UnavailableKind};

use crate::store::Store;

/// The log of a store that is changed here and followed elsewhere: this process asks nobody's credentials, so it
/// follows no log itself.
#[derive(Debug)]
pub(super) struct LogOfStore(Option<Arc<dyn RevocationWriter>>);

impl LogOfStore {
    pub(super) fn of(store: &Store) -> Self {
        Self(store.ports().log())
    }
}

#[async_trait]
impl Revoker for LogOfStore {
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable> {
        match &self.0 {
            Some(log) => log.append(&[revocation]).await,
            None => Err(Unavailable::new(UnavailableKind::RevocationLog)),
        }
    }

    /// The store has written them with the change.
    async fn announce(&self, _: &[Revocation]) -> Result<(), Unavailable> {
        Ok(())
    }

    /// It holds no rows.
    fn refuses(&self, _: &Authentication) -> bool {
        false
    }
}
