/// Numbers that look random and are the same in every run (a linear congruential generator).
#[derive(Debug)]
pub(super) struct Random(pub(super) u64);

impl Random {
    /// One that is less than `end`.
    pub(super) const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
