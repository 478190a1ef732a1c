use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use remint_core::{Unavailable, UnavailableKind};

use self::state::State;

mod directory;
mod keys;
mod ledger;
mod recent;
mod registry;
mod state;

/// Keys and users in this process's memory: for tests, demos, and services whose users are made at
/// start. What it holds ends with the process.
///
/// The audit trail is kept whole and grows with each change.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: RwLock<State>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> Result<RwLockReadGuard<'_, State>, Unavailable> {
        self.state.read().map_err(half_changed)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, State>, Unavailable> {
        self.state.write().map_err(half_changed)
    }
}

/// A panic while the lock was held for writing: nobody can say what was done.
fn half_changed<Guard>(_poisoned: PoisonError<Guard>) -> Unavailable {
    Unavailable::new(UnavailableKind::Store)
}
