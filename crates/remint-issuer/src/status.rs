use std::fmt;

use remint_core::Timestamp;
use remint_jwt::{Algorithm, Jwk};

/// One of an issuer's keys, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyStatus {
    /// Its `kid`.
    pub key_id: String,
    /// Its algorithm; `None` for a key that is only published and names none.
    pub algorithm: Option<Algorithm>,
    /// From when it signs; `None` for a key that is given by whoever builds the issuer.
    pub activates_at: Option<Timestamp>,
    /// What it does now.
    pub state: KeyState,
    /// Its public half, as it is published.
    pub public: Jwk,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// It is published, and will sign.
    Next,
    /// It signs.
    Signing,
    /// It is published for tokens that it (or somebody else with it) signs or has signed.
    Published,
}

impl KeyState {
    /// `next`, `signing` or `published`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Published => "published",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
