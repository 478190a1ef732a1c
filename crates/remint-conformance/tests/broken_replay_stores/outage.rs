use async_trait::async_trait;
use remint_core::{ReplayKey, ReplayStore, Timestamp, Unavailable};

/// A store that shows an outage as an answer.
#[derive(Debug)]
pub(crate) struct Hidden<S> {
    pub(crate) inner: S,
    /// Which.
    pub(crate) first: bool,
}

#[async_trait]
impl<S: ReplayStore> ReplayStore for Hidden<S> {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        Ok(self.inner.first_use(key, now, until).await.unwrap_or(self.first))
    }
}
