use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use remint_core::Target;

/// 128 bits under keys of this process: nobody who chooses names can find two with the same bits, so the bits stand
/// for the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TargetHash([u64; 2]);

impl TargetHash {
    /// Bits to choose a shard by, which a map does not use.
    pub(crate) const fn shard(self) -> u64 {
        self.0[0]
    }
}

impl Hash for TargetHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[1]);
    }
}

/// Makes them.
#[derive(Debug, Default)]
pub(crate) struct TargetHasher([RandomState; 2]);

impl TargetHasher {
    pub(crate) fn hash(&self, target: &Target) -> TargetHash {
        let [one, other] = &self.0;
        TargetHash([one.hash_one(target), other.hash_one(target)])
    }
}
