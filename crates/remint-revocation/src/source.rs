use std::sync::Arc;

use remint_core::{RevocationLog, RevocationWriter};

/// Where the rows are.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// In a log of this process alone, which is told of each change.
    Process(Arc<dyn RevocationWriter>),
    /// In a log of their own, which is told of each change.
    Apart(Arc<dyn RevocationWriter>),
    /// In the store, which writes the rows of its changes itself.
    Store(Arc<dyn RevocationWriter>),
    /// In a log that others write.
    Others(Arc<dyn RevocationLog>),
}

impl Source {
    pub(crate) fn log(&self) -> &dyn RevocationLog {
        match self {
            Self::Process(writer) | Self::Apart(writer) | Self::Store(writer) => &**writer,
            Self::Others(log) => &**log,
        }
    }

    pub(crate) const fn writer(&self) -> Option<&Arc<dyn RevocationWriter>> {
        match self {
            Self::Process(writer) | Self::Apart(writer) | Self::Store(writer) => Some(writer),
            Self::Others(_) => None,
        }
    }

    /// Whether anybody outside this process can follow it.
    pub(crate) const fn is_shared(&self) -> bool {
        !matches!(self, Self::Process(_))
    }
}
