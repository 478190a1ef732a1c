use std::error::Error;
use std::fmt;
use std::process::ExitCode;

pub(crate) use remint_core::with_causes;

/// Why the program ends with something else than 0.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Exit code 1: the settings or the request cannot be carried out as they are.
    Refused(String),
    /// Exit code 3: the store, or the gateway, did not answer. The same again may work.
    Unavailable(String),
}

impl Failure {
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::Refused(message.into())
    }

    pub(crate) fn unavailable(what: &str, error: &(dyn Error + 'static)) -> Self {
        Self::Unavailable(format!("{what}: {}", with_causes(error)))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused(_) => ExitCode::FAILURE,
            Self::Unavailable(_) => ExitCode::from(3),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(message) | Self::Unavailable(message) => f.write_str(message),
        }
    }
}

impl From<std::io::Error> for Failure {
    /// Of standard output, which is all that is written without a word of its own.
    fn from(error: std::io::Error) -> Self {
        Self::unavailable("the answer could not be written", &error)
    }
}
