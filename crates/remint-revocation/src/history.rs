use remint_core::{LogId, Position, Stamp};

use crate::sync::{PoisonError, RwLock, RwLockWriteGuard};

/// Which log the positions of rows are of, and how far it was read.
#[derive(Debug, Default)]
pub(crate) struct History(RwLock<Followed>);

#[derive(Debug, Default)]
struct Followed {
    log: Option<LogId>,
    /// Whether anybody outside this process can follow it.
    is_shared: bool,
    /// `None` until what is in force was read.
    read: Option<Position>,
    /// One more with each log that is followed.
    number: u16,
}

impl History {
    /// Follows this log from now on.
    pub(crate) fn begin(&self, log: &LogId, is_shared: bool) {
        let mut followed = self.write();
        if followed.log.as_ref() != Some(log) {
            let number = followed.number.wrapping_add(1);
            *followed = Followed { log: Some(log.clone()), is_shared, read: None, number };
        }
    }

    /// Notes that all rows up to this one were applied.
    pub(crate) fn read_to(&self, position: Position) {
        let mut followed = self.write();
        followed.read = followed.read.max(Some(position));
    }

    /// How far it was read, if anybody outside this process can follow it.
    pub(crate) fn read_up_to(&self) -> Option<Stamp> {
        let followed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (log, position) = (followed.log.as_ref()?, followed.read?);
        followed.is_shared.then(|| Stamp { log: log.clone(), position })
    }

    /// The number of this history, by which rows say whose their positions are.
    pub(crate) fn number(&self) -> u16 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).number
    }

    /// The same, if it is this log's.
    pub(crate) fn of(&self, log: &LogId) -> Option<u16> {
        let followed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (followed.log.as_ref() == Some(log)).then_some(followed.number)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Followed> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
