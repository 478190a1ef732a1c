use std::sync::Arc;

use remint_core::Identity;

/// A value the memory tier can hold.
pub trait Cached: Clone + Send + Sync + 'static {
    /// Its bytes on the heap and in place, as nearly as they can be told. An implementation names each field
    /// of its type, so that a new one does not compile until it is counted.
    fn weight(&self) -> u32;

    /// A copy that shares no reference count with this one, for one thread's front.
    #[must_use]
    fn for_thread(&self) -> Self;
}

impl Cached for Arc<Identity> {
    fn weight(&self) -> u32 {
        u32::try_from(size_of::<Identity>() + SHARED + self.heap_size()).unwrap_or(u32::MAX)
    }

    fn for_thread(&self) -> Self {
        Self::new(Identity::clone(self))
    }
}

/// An `Arc`'s counts and what the allocator adds.
const SHARED: usize = 32;
