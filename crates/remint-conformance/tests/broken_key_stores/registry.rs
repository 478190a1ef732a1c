use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use remint_conformance::key_store::Store;
use remint_core::{
    Dependencies, RevocationWriter, StoreId, StoreOrigin, StoreRecord, StoreRegistry, Timestamp, Unavailable,
};

use crate::store::Broken;

#[async_trait]
impl<S: Store> StoreRegistry for Broken<S> {
    fn origin(&self) -> StoreOrigin {
        self.inner.origin()
    }

    fn log(&self) -> Option<Arc<dyn RevocationWriter>> {
        self.inner.log()
    }

    async fn record(&self) -> Result<StoreRecord, Unavailable> {
        let mut record = self.inner.record().await?;
        match self.case {
            "a_new_store_has_an_id_and_depends_on_nothing" => {
                let number = self.batches.fetch_add(1, Ordering::SeqCst);
                record.id = StoreId::new(format!("store_{number:032}")).unwrap();
            }
            "what_a_store_depends_on_comes_back_whole" => record.depends_on.given_up.clear(),
            _ => {}
        }
        Ok(record)
    }

    async fn set_dependencies(&self, revision: u64, depends_on: &Dependencies) -> Result<bool, Unavailable> {
        match self.case {
            "only_the_present_revision_is_changed" | "of_many_who_change_one_revision_one_succeeds" => {
                let present = self.inner.record().await?.revision;
                self.inner.set_dependencies(present, depends_on).await
            }
            _ => self.inner.set_dependencies(revision, depends_on).await,
        }
    }

    async fn live_schemes(&self, prefix: &str, now: Timestamp) -> Result<Vec<Box<str>>, Unavailable> {
        match self.case {
            "live_schemes_are_listed_once_and_in_order" => self.inner.live_schemes("", now).await,
            "the_scheme_of_keys_that_have_all_ended_is_not_live" => {
                self.inner.live_schemes(prefix, now.min(Timestamp::from_secs(1))).await
            }
            _ => self.inner.live_schemes(prefix, now).await,
        }
    }
}
