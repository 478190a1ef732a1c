use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use remint_core::{Authentication, LogId, Position, Revocation, Revoker, Stamp, Unavailable, UnavailableKind};

/// A revoker that keeps the rows for a test to look at, and fails when told to. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct RecordingRevoker {
    rows: Arc<Mutex<Vec<Revocation>>>,
    out: Arc<AtomicBool>,
}

impl RecordingRevoker {
    /// A revoker without rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The rows so far, taken out.
    #[must_use]
    pub fn take(&self) -> Vec<Revocation> {
        std::mem::take(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes each row fail from now on, or none.
    pub fn set_out(&self, out: bool) {
        self.out.store(out, Ordering::SeqCst);
    }
}

#[async_trait]
impl Revoker for RecordingRevoker {
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable> {
        let unavailable = Unavailable::new(UnavailableKind::RevocationLog);
        if self.out.load(Ordering::SeqCst) {
            return Err(unavailable);
        }
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.push(revocation);
        let log = LogId::new("recording").map_err(|error| unavailable.with_source(error))?;
        Ok(Stamp { log, position: Position(rows.len() as u64) })
    }

    async fn announce(&self, rows: &[Revocation]) -> Result<(), Unavailable> {
        for row in rows {
            self.revoke(row.clone()).await?;
        }
        Ok(())
    }

    /// The rows are for the test to look at: they end nothing.
    fn refuses(&self, _: &Authentication) -> bool {
        false
    }
}
