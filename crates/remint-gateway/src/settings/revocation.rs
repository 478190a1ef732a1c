use std::ops::RangeInclusive;
use std::time::Duration;

use remint::HttpClient;
use remint_keyset::{HttpFetch as _, Url};

use super::node::Node;
use super::section::Section;
use super::setting::{Setting, World, Wrong};
use super::value::{one_of, quoted, text};

/// `[revocation]`: how this gateway learns what was revoked.
#[derive(Debug, Clone)]
pub(crate) struct RevocationSettings {
    pub(crate) log: Log,
    /// How long what is cached answers while the log cannot be read.
    pub(crate) max_staleness: Duration,
}

/// Which log of revocations is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Log {
    /// Where credentials are looked up: the store's, in which each change writes its own rows, or that of the server
    /// of `[exchange]`. A store in memory has the process's.
    Source,
    /// One of this process alone.
    Process,
    /// A server's, at this address.
    Server(Url),
}

impl RevocationSettings {
    /// With the settings of an edge that has a store, or of one that has none and exchanges.
    pub(super) fn read(mut section: Section<'_, '_>, exchanges: bool, http: &HttpClient) -> Self {
        let log = if exchanges {
            section.optional::<Log>("log", "the log of the server of `[exchange]`")
        } else {
            Some(section.or("log", Log::Source))
        };
        let wrong = log.as_ref().and_then(|log| match (&log.value, exchanges) {
            (Log::Source, true) => Some("with `[exchange]` there is no store; leave it out, or say \"process\""),
            (Log::Server(_), false) => Some("the client of `[exchange]` reads a server's log, and there is none"),
            (Log::Server(url), true) if !http.permits(url) => Some("an https address (or of this machine)"),
            _ => None,
        });
        if let Some((log, wrong)) = log.as_ref().zip(wrong) {
            section.problem(&log.origin, format!("`revocation.log`: {wrong}"));
        }
        let max_staleness = section.or("max_staleness", STANDARD);
        if !MAX_STALENESS.contains(&*max_staleness) {
            section.problem(&max_staleness.origin, "`revocation.max_staleness`: between 1s and 1h");
        }
        let is_process = log.as_ref().is_some_and(|log| log.value == Log::Process);
        if is_process && max_staleness.value != STANDARD {
            let message = "`revocation.max_staleness` means nothing with `log = \"process\"`, which is always read";
            section.problem(&max_staleness.origin, message);
        }
        section.finish();
        let max_staleness = max_staleness.value;
        Self { max_staleness, log: log.filter(|_| wrong.is_none()).map_or(Log::Source, |log| log.value) }
    }
}

impl Setting for Log {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let text = text(node)?;
        if let Some(url) = Url::parse(text).ok().filter(|url| SCHEMES.contains(&url.scheme())) {
            return Ok(Self::Server(url));
        }
        let known = one_of(text, &LOGS.map(|(name, _)| name)).map_err(|wrong| {
            Wrong::because(format!("{}; or the address of a server's log, https://…/v1/revocations", wrong.message))
        })?;
        Ok(if known == 0 { Self::Source } else { Self::Process })
    }

    fn toml(&self) -> String {
        match self {
            Self::Server(url) => quoted(url.as_str()),
            named => LOGS.iter().find(|(_, log)| log == named).map(|(name, _)| quoted(name)).unwrap_or_default(),
        }
    }
}

const LOGS: [(&str, Log); 2] = [("store", Log::Source), ("process", Log::Process)];
const STANDARD: Duration = Duration::from_secs(30);
/// A log counts as unread after a second without a look.
const MAX_STALENESS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3600);
const SCHEMES: [&str; 2] = ["https", "http"];
