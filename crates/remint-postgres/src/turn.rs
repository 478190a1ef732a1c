use std::sync::atomic::{AtomicU32, Ordering};

/// Whose turn it is to forget what has ended.
#[derive(Debug, Default)]
pub(crate) struct Turn(AtomicU32);

impl Turn {
    pub(crate) fn is_due(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(EACH)
    }
}

const EACH: u32 = 32;
