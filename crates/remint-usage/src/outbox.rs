use std::collections::VecDeque;
use std::sync::Arc;

use remint_core::{Timestamp, Unavailable, UnavailableKind, UsageBatch, UsageRow, UsageStore};

/// Batches that the store has not acknowledged. Each stays, under its id, until it has.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    batches: VecDeque<UsageBatch>,
}

impl Outbox {
    /// How many rows are written in one transaction.
    pub(crate) const ROWS: usize = 1000;

    /// Makes batches of the rows. The first one's id is `id`, which is random; the others' count on
    /// from there.
    pub(crate) fn fill(&mut self, rows: &[UsageRow], id: u128, at: Timestamp) {
        let ids = (0..).map(|number| id.wrapping_add(number).to_be_bytes());
        let batch = |(rows, id): (&[UsageRow], _)| UsageBatch { id, at, rows: rows.to_vec() };
        self.batches.extend(rows.chunks(Self::ROWS).zip(ids).map(batch));
    }

    /// Writes all batches, in order, up to the first that fails.
    pub(crate) async fn send(&mut self, store: &Arc<dyn UsageStore>) -> Result<(), Unavailable> {
        while let Some(batch) = self.batches.front() {
            store.add_usage(batch).await?;
            self.batches.pop_front();
        }
        Ok(())
    }
}

/// A random id.
pub(crate) fn random_id() -> Result<u128, Unavailable> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))?;
    Ok(u128::from_be_bytes(id))
}
