//! What threads share. The test `model` puts its checker's in their place.

pub(crate) use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};

/// How many parts the table has.
pub(crate) const SHARDS: usize = 256;
