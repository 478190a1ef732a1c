use std::ops::Bound;

use async_trait::async_trait;
use remint_core::{
    AuditEvent, AuditLog, Commit, Page, Unavailable, UsageBatch, UsageCount, UsageFilter, UsageKey, UsageRow,
    UsageStore,
};

use super::MemoryStore;

#[async_trait]
impl UsageStore for MemoryStore {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        let mut state = self.write()?;
        if state.batches.get(&batch.id, batch.at).is_some() {
            return Ok(());
        }
        for UsageRow { key, count } in &batch.rows {
            let sum = state.usage.entry(key.clone()).or_default();
            *sum = UsageCount {
                requests: sum.requests.saturating_add(count.requests).min(MOST),
                units: sum.units.saturating_add(count.units).min(MOST),
            };
        }
        state.batches.insert(batch.id, (), batch.at);
        Ok(())
    }

    async fn usage(&self, filter: &UsageFilter, page: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        let state = self.read()?;
        let after = page.after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = state.usage.range((after, Bound::Unbounded)).filter(|(key, _)| passes(filter, key));
        Ok(rows.take(page.limit).map(|(key, count)| UsageRow { key: key.clone(), count: *count }).collect())
    }
}

fn passes(filter: &UsageFilter, key: &UsageKey) -> bool {
    filter.subject.as_ref().is_none_or(|subject| key.subject == *subject)
        && filter.tenant.as_ref().is_none_or(|tenant| key.tenant.as_ref() == Some(tenant))
        && filter.from.is_none_or(|from| from <= key.day)
        && filter.to.is_none_or(|to| key.day <= to)
}

#[async_trait]
impl AuditLog for MemoryStore {
    async fn append(&self, events: &[AuditEvent]) -> Result<(), Unavailable> {
        self.write()?.done(Commit::audited(events), None);
        Ok(())
    }

    async fn events(&self, page: Page<u64>) -> Result<Vec<(u64, AuditEvent)>, Unavailable> {
        let state = self.read()?;
        let skip = page.after.map_or(0, |after| usize::try_from(after).unwrap_or(usize::MAX));
        Ok((1..).zip(state.audit.iter().cloned()).skip(skip).take(page.limit).collect())
    }
}

/// The greatest 63-bit integer, which is what SQL counts up to.
const MOST: u64 = i64::MAX.unsigned_abs();
