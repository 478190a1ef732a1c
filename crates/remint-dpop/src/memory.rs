use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use remint_core::{ReplayKey, ReplayStore, Timestamp, Unavailable, UnavailableKind};

/// Remembers what was used in this process alone: two nodes with one each accept a proof once each, and
/// a restart forgets.
///
/// It has room for a number of uses at once, of about 150 bytes each. Without room for one more it is
/// [`Overloaded`](UnavailableKind::Overloaded): a proof is remembered for little more than a minute, so
/// there should be room for a hundred times as many as are expected in a second.
pub struct MemoryReplays {
    capacity: usize,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    until: HashMap<[u8; 32], Timestamp>,
    /// The one that ends next is on top. A key that was used again after its end may be here twice.
    ends: BinaryHeap<Reverse<(Timestamp, [u8; 32])>>,
}

impl MemoryReplays {
    /// A store with room for so many uses at once.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, used: Mutex::default() }
    }
}

#[async_trait]
impl ReplayStore for MemoryReplays {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.until.get(&key.0).is_some_and(|end| *end > now) {
            return Ok(false);
        }
        used.forget_some(now);
        if used.ends.len() >= self.capacity {
            return Err(Unavailable::new(UnavailableKind::Overloaded).with_source("no room for one more use"));
        }
        used.until.insert(key.0, until);
        used.ends.push(Reverse((until, key.0)));
        Ok(true)
    }
}

impl Used {
    /// A few at a time, and more than come in: nobody waits for thousands.
    fn forget_some(&mut self, now: Timestamp) {
        for _ in 0..AT_ONCE {
            let Some(Reverse((end, key))) = self.ends.peek().copied() else { return };
            if end > now {
                return;
            }
            self.ends.pop();
            if self.until.get(&key) == Some(&end) {
                self.until.remove(&key);
            }
        }
    }
}

impl fmt::Debug for MemoryReplays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplays").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

const AT_ONCE: usize = 32;
