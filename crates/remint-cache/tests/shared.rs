//! The shared tier in memory keeps its port's contract.

use remint_cache::MemorySharedTier;

remint_conformance::shared_tier_suite!(|clock| MemorySharedTier::new(clock));
