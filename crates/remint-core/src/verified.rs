/// A value that a verifier has vouched for.
///
/// Holding one is the proof that the work was done: there is no public way to make one but
/// [`Verified::vouch`], and clippy's `disallowed-methods` bans that outside authenticators and
/// verifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// Vouches for `value`: its proof was checked by the caller of this function.
    #[must_use]
    pub const fn vouch(value: T) -> Self {
        Self(value)
    }

    /// The value.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// The value, and the end of the proof.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}
