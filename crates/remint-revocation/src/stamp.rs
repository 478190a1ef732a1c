use crate::hash::TargetHash;

/// How many rows this process had applied at some moment. An entry made from then on is dead once
/// one of its targets gets a later row.
///
/// The default is the stamp of a table without rows: an entry that has it is dead once one of its targets has any row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableStamp(pub(crate) u64);

/// The short names under which an entry keeps its targets. They mean something to the table that made them only.
#[derive(Debug, Clone, Default)]
pub struct TargetHashes(pub(crate) Box<[TargetHash]>);

impl TargetHashes {
    /// How many bytes they take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}
