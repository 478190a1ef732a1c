use std::fmt;

use zeroize::Zeroizing;

/// A client's secret (RFC 6749 §2.3.1): wiped when dropped, and shown nowhere.
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself: a secret.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}
