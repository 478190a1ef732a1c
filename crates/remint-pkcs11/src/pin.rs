use std::fmt;

use cryptoki::types::AuthPin;

/// A token's PIN. It is shown nowhere, and wiped when dropped.
#[derive(Clone)]
pub struct Pin(AuthPin);

impl Pin {
    /// This text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(AuthPin::from(text.into()))
    }

    pub(crate) const fn secret(&self) -> &AuthPin {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
