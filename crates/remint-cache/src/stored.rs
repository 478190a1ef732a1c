use std::time::Duration;

use remint_core::Timestamp;
use remint_revocation::{Moment, RevocationTable, TableStamp, TargetHashes};

/// An entry, as the tier behind the fronts holds it.
#[derive(Debug)]
pub(crate) struct Stored<V> {
    pub(crate) value: V,
    /// The entry answers from here: a clock that was set back by more is not believed.
    pub(crate) use_from: Timestamp,
    pub(crate) use_until: Timestamp,
    pub(crate) stamp: TableStamp,
    pub(crate) authenticated: Moment,
    pub(crate) targets: TargetHashes,
    pub(crate) weight: u32,
    pub(crate) lives_for: Duration,
}

/// The stamp of this moment; nothing moves it where there is no table.
#[inline]
pub(crate) fn stamp_of(table: Option<&RevocationTable>) -> TableStamp {
    table.map_or_else(TableStamp::default, RevocationTable::stamp)
}

/// Whether what was authenticated then may be answered by, as far as the log of revocations was read. Asked before the
/// stamp is read, by which it is told what the log said.
#[inline]
pub(crate) fn vouches(table: Option<&RevocationTable>, authenticated: Moment) -> bool {
    table.is_none_or(|table| table.vouches(authenticated))
}
