use std::sync::atomic::Ordering;

use async_trait::async_trait;
use remint_conformance::key_store::Store;
use remint_core::{AuditEvent, AuditLog, Page, Unavailable, UsageBatch, UsageFilter, UsageKey, UsageRow, UsageStore};

use crate::store::Broken;

#[async_trait]
impl<S: Store> UsageStore for Broken<S> {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        let mut batch = batch.clone();
        match self.case {
            "usage_adds_up" => batch.rows.dedup_by_key(|row| row.key.subject.clone()),
            "a_batch_counts_once" | "of_many_equal_batches_one_counts" => {
                batch.id[0] = self.batches.fetch_add(1, Ordering::SeqCst);
            }
            "counts_stop_at_the_greatest" => {
                for row in &mut batch.rows {
                    row.count.requests %= i64::MAX.unsigned_abs();
                }
            }
            "a_large_batch_is_added_whole" => batch.rows.truncate(999),
            "concurrent_usage_adds_up" if self.batches.fetch_add(1, Ordering::SeqCst) == 7 => return Ok(()),
            _ => {}
        }
        self.inner.add_usage(&batch).await
    }

    async fn usage(&self, filter: &UsageFilter, page: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        let (mut filter, mut page) = (filter.clone(), page);
        match self.case {
            "usage_is_read_page_by_page" => page.limit += 1,
            "usage_is_filtered" => filter.to = None,
            "usage_stays_when_who_it_names_goes" if self.somebody_is_gone() => return Ok(Vec::new()),
            _ => {}
        }
        let mut rows = self.inner.usage(&filter, page).await?;
        if self.case == "usage_comes_in_order" {
            rows.reverse();
        }
        Ok(rows)
    }
}

#[async_trait]
impl<S: Store> AuditLog for Broken<S> {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), Unavailable> {
        let mut events = events.to_vec();
        match self.case {
            "events_come_back_whole" => events.iter_mut().for_each(|event| event.detail.clear()),
            "concurrent_events_lose_nothing" => events.truncate(1),
            _ => {}
        }
        self.inner.append(&events).await
    }

    async fn events(&self, page: Page<u64>) -> Result<Vec<(u64, AuditEvent)>, Unavailable> {
        let mut page = page;
        if self.case == "a_trail_is_read_page_by_page" {
            page.after = page.after.map(|after| after.saturating_add(1));
        }
        let mut events = self.inner.events(page).await?;
        match self.case {
            "numbers_of_events_grow" => events.iter_mut().for_each(|(number, _)| *number = 1),
            "events_stay_when_who_they_name_goes" if self.somebody_is_gone() => events.clear(),
            _ => {}
        }
        Ok(events)
    }
}
