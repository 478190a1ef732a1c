use crate::{KeyId, Timestamp};

/// A part of a list: at most `limit` items that come after the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<C> {
    /// The last item of the page before; `None`: from the beginning.
    pub after: Option<C>,
    /// How many at most.
    pub limit: usize,
}

impl<C> Page<C> {
    /// The first `limit` items.
    #[must_use]
    pub const fn first(limit: usize) -> Self {
        Self { after: None, limit }
    }

    /// Everything.
    #[must_use]
    pub const fn all() -> Self {
        Self::first(usize::MAX)
    }
}

/// The place of a key in a user's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCursor {
    /// When it was created.
    pub created_at: Timestamp,
    /// Its id.
    pub id: KeyId,
}
