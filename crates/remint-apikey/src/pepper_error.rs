use std::error::Error;
use std::io;
use std::sync::Arc;

use remint_secret_file::SecretFileError;

/// What is wrong with a pepper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PepperErrorKind {
    /// Fewer than 16 bytes.
    TooShort,
    /// The pepper file holds no pepper, or a line that is none.
    Malformed,
    /// Others could have read or written the pepper file: `remint-secret-file` says when.
    Permissions,
    /// The pepper file could not be read or made.
    Io,
}

/// A pepper that cannot be used. Nothing of its secret is inside.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", kind.text())]
pub struct PepperError {
    kind: PepperErrorKind,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl PepperError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> PepperErrorKind {
        self.kind
    }
}

impl PepperErrorKind {
    const fn text(self) -> &'static str {
        match self {
            Self::TooShort => "a pepper has at least 16 bytes",
            Self::Malformed => "the pepper file must hold one pepper a line, newest first",
            Self::Permissions => "the pepper file could have been read or written by others",
            Self::Io => "the pepper file could not be read or made",
        }
    }
}

impl From<PepperErrorKind> for PepperError {
    fn from(kind: PepperErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl From<io::Error> for PepperError {
    fn from(error: io::Error) -> Self {
        Self { kind: PepperErrorKind::Io, source: Some(Arc::new(error)) }
    }
}

impl From<SecretFileError> for PepperError {
    fn from(error: SecretFileError) -> Self {
        let kind = match error {
            SecretFileError::Exposed { .. } => PepperErrorKind::Permissions,
            _ => PepperErrorKind::Io,
        };
        Self { kind, source: Some(Arc::new(error)) }
    }
}
