use async_trait::async_trait;
use remint_core::{ReplayKey, ReplayStore, Timestamp, Unavailable, UnavailableKind};

use crate::severable::Severable;

#[async_trait]
impl<S: ReplayStore> ReplayStore for Severable<S> {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        self.connected(UnavailableKind::Store)?.first_use(key, now, until).await
    }
}
