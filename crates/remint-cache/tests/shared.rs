//! The shared tier in memory keeps its port's contract.

use std::sync::Arc;

use remint_cache::MemorySharedTier;

remint_conformance::shared_tier_suite!(|clock| MemorySharedTier::new(Arc::new(clock)));
