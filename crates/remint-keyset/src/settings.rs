use std::time::Duration;

/// How a key set is kept usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySetSettings {
    /// How often it is fetched in the background (5 minutes unless set). A key that the issuer
    /// has taken away is accepted for at most this long while the issuer answers.
    pub refresh_interval: Duration,
    /// How recently the last successful fetch must have begun for an unknown key to be denied without
    /// another fetch (10 seconds unless set; zero: each unknown key is asked for). It bounds what a
    /// stranger can make us ask the issuer. It is also what a rotation costs that the issuer did not
    /// announce: for at most so long the tokens of a new key are denied.
    pub refetch_after: Duration,
    /// How long after a fetch that failed an unknown key is an outage without another fetch (5 seconds
    /// unless set).
    pub retry_after: Duration,
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
            refetch_after: Duration::from_secs(10),
            retry_after: Duration::from_secs(5),
            max_stale: Duration::from_secs(24 * 60 * 60),
            fetch_timeout: Duration::from_secs(15),
        }
    }
}
