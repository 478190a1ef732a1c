use crate::{ClusterSecret, EntryParts, KeyChecks, Place};

/// The secrets of a node, newest first: it writes under the newest, and reads under each.
#[derive(Debug, Clone)]
pub struct ClusterSecrets {
    newest: ClusterSecret,
    older: Vec<ClusterSecret>,
}

impl ClusterSecrets {
    /// One secret.
    #[must_use]
    pub const fn new(newest: ClusterSecret) -> Self {
        Self { newest, older: Vec::new() }
    }

    /// The same, with one more that is older than all so far. One that is there already is passed over.
    #[must_use]
    pub fn with_older(mut self, older: ClusterSecret) -> Self {
        if self.iter().all(|secret| secret.check() != older.check()) {
            self.older.push(older);
        }
        self
    }

    /// Where an entry is written.
    #[must_use]
    pub fn newest_place<'a>(&'a self, parts: &EntryParts<'a>) -> Place<'a> {
        Place::new(&self.newest, *parts)
    }

    /// Where an entry may be found: the [newest place](Self::newest_place), then one for each older secret.
    pub fn places<'a>(&'a self, parts: &EntryParts<'a>) -> impl Iterator<Item = Place<'a>> {
        let parts = *parts;
        self.iter().map(move |secret| Place::new(secret, parts))
    }

    /// What tells other nodes which secrets this one has.
    #[must_use]
    pub fn checks(&self) -> KeyChecks {
        KeyChecks::new(self.iter().map(ClusterSecret::check))
    }

    fn iter(&self) -> impl Iterator<Item = &ClusterSecret> {
        std::iter::once(&self.newest).chain(&self.older)
    }
}
