use std::fmt;

use remint_core::Environment;
use zeroize::Zeroizing;

/// The text of an API key: a secret that is shown to its owner once and kept nowhere.
///
/// It has no `==` and no `Display`, and `Debug` shows only its [`start`](Self::start). It is wiped
/// when dropped. Holding one means that the text is of the accepted format; it does not mean that
/// the key exists.
pub struct ApiKey {
    text: Zeroizing<String>,
    start: usize,
    environment: Environment,
}

impl ApiKey {
    pub(crate) const fn new(text: Zeroizing<String>, start: usize, environment: Environment) -> Self {
        Self { text, start, environment }
    }

    /// The beginning, to recognise the key by: prefix, environment and four characters, which are
    /// not counted among the secret ones.
    #[must_use]
    pub fn start(&self) -> &str {
        self.text.get(..self.start).unwrap_or_default()
    }

    /// The environment its text names.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// The whole text: a secret.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("start", &self.start()).finish_non_exhaustive()
    }
}
