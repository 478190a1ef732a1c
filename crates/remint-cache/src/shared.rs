use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{Clock, SharedKey, SharedTier, Timestamp, Unavailable};

/// A shared tier that several lines of one process share: for tests, and as the model of the port.
pub struct MemorySharedTier {
    values: Mutex<HashMap<SharedKey, (Vec<u8>, Timestamp)>>,
    clock: Arc<dyn Clock>,
}

impl MemorySharedTier {
    /// An empty tier.
    #[must_use]
    pub fn new(clock: impl Clock) -> Self {
        Self { values: Mutex::default(), clock: clock.into_arc() }
    }
}

#[async_trait]
impl SharedTier for MemorySharedTier {
    async fn get(&self, key: &SharedKey) -> Result<Option<Vec<u8>>, Unavailable> {
        let now = self.clock.now();
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if values.get(key).is_some_and(|(_, until)| now >= *until) {
            values.remove(key);
        }
        Ok(values.get(key).map(|(value, _)| value.clone()))
    }

    async fn put(&self, key: &SharedKey, value: Vec<u8>, ttl: Duration) -> Result<(), Unavailable> {
        let now = self.clock.now();
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.retain(|_, (_, until)| now < *until);
        values.insert(*key, (value, now.saturating_add(ttl)));
        Ok(())
    }

    async fn remove(&self, key: &SharedKey) -> Result<(), Unavailable> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        Ok(())
    }
}

impl fmt::Debug for MemorySharedTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemorySharedTier(..)")
    }
}
