use std::time::Duration;

/// How a key set is kept usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySetSettings {
    /// How often it is fetched in the background (5 minutes unless set). A key that the issuer
    /// has taken away is accepted for at most this long while the issuer answers.
    pub refresh_interval: Duration,
    /// How long after a fetch for an unknown key another may begin, however many callers ask (5
    /// seconds unless set). It bounds what a stranger can make us ask the issuer, and how long a
    /// key that was brought in meanwhile waits for its first use.
    pub min_refetch_interval: Duration,
    /// How long the last good set is used while the issuer does not answer or answers rubbish
    /// (24 hours unless set); then nothing of the issuer can be verified until it answers.
    pub max_stale: Duration,
    /// How long one fetch may take, discovery included (15 seconds unless set).
    pub fetch_timeout: Duration,
}

impl Default for KeySetSettings {
    fn default() -> Self {
        Self {
            refresh_interval: Duration::from_secs(5 * 60),
            min_refetch_interval: Duration::from_secs(5),
            max_stale: Duration::from_secs(24 * 60 * 60),
            fetch_timeout: Duration::from_secs(15),
        }
    }
}
