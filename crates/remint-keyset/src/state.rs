use std::time::Duration;

/// Whether there are keys of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySetState {
    /// There are none yet: the set was not fetched, or never with success.
    Missing,
    /// They were given, and are not fetched.
    Fixed,
    /// They were fetched.
    Fetched {
        /// How long ago.
        age: Duration,
    },
}

impl KeySetState {
    /// Whether there are keys.
    #[must_use]
    pub const fn has_keys(self) -> bool {
        !matches!(self, Self::Missing)
    }
}
