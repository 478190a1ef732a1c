use super::node::Node;
use super::section::Section;
use super::setting::{Setting, World, Wrong};
use super::value::{one_of, quoted, text};

/// `[revocation]`: how this gateway learns what was revoked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RevocationSettings {
    pub(crate) log: Log,
}

/// Which log of revocations is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Log {
    /// The store's, in which each change writes its own rows. What is in memory has the process's.
    Store,
    /// One of this process alone.
    Process,
}

impl RevocationSettings {
    pub(super) fn read(mut section: Section<'_, '_>) -> Self {
        let log = section.or("log", Log::Store).value;
        section.later("max_staleness");
        section.finish();
        Self { log }
    }
}

impl Setting for Log {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        one_of(text(node)?, &LOGS.map(|(name, _)| name))
            .map(|index| LOGS.get(index).map_or(Self::Store, |(_, log)| *log))
    }

    fn toml(&self) -> String {
        LOGS.iter().find(|(_, log)| log == self).map(|(name, _)| quoted(name)).unwrap_or_default()
    }
}

const LOGS: [(&str, Log); 2] = [("store", Log::Store), ("process", Log::Process)];
