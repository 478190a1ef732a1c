use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{
    Dependencies, RevocationWriter, StoreAge, StoreId, StoreOrigin, StoreRecord, StoreRegistry, Timestamp, Unavailable,
    UnavailableKind,
};

use super::MemoryStore;

#[async_trait]
impl StoreRegistry for MemoryStore {
    fn origin(&self) -> StoreOrigin {
        StoreOrigin { place: "memory".to_owned(), age: StoreAge::Memory }
    }

    fn log(&self) -> Option<Arc<dyn RevocationWriter>> {
        None
    }

    async fn record(&self) -> Result<StoreRecord, Unavailable> {
        let mut state = self.write()?;
        let id = match &state.id {
            Some(id) => id.clone(),
            None => new_id()?,
        };
        state.id = Some(id.clone());
        Ok(StoreRecord { id, revision: state.revision, depends_on: state.depends_on.clone() })
    }

    async fn set_dependencies(&self, revision: u64, depends_on: &Dependencies) -> Result<bool, Unavailable> {
        let mut state = self.write()?;
        if state.revision != revision {
            return Ok(false);
        }
        state.revision += 1;
        state.depends_on = depends_on.clone();
        Ok(true)
    }

    async fn live_schemes(&self, prefix: &str, now: Timestamp) -> Result<Vec<Box<str>>, Unavailable> {
        let state = self.read()?;
        let live = state.keys.values().filter(|key| key.is_active(now) && key.digest.scheme.starts_with(prefix));
        let schemes: BTreeSet<_> = live.map(|key| key.digest.scheme.clone()).collect();
        Ok(schemes.into_iter().collect())
    }
}

/// Each handle makes its own: a store in memory is nobody else's.
fn new_id() -> Result<StoreId, Unavailable> {
    let internal = || Unavailable::new(UnavailableKind::Internal);
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| internal().with_source(error))?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    StoreId::new(format!("store_{digits}")).map_err(|error| internal().with_source(error))
}
