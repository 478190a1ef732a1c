use std::time::Duration;

/// How long a server is waited for, and how much of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedisSettings {
    /// How long one command may take, a connection that has to be made included (20 milliseconds unless set).
    pub wait: Duration,
    /// How long a connection may take to be made, in the background (1 second unless set).
    pub connect_within: Duration,
    /// The longest value that is read or written, in bytes (65,536 unless set). A longer one is a miss.
    pub max_value: usize,
    /// After how many commands in a row without an answer the server is left alone (5 unless set; at least 1).
    pub failures: u32,
    /// For how long it is left alone (1 second unless set). Then one command finds out whether it answers again.
    pub cool_down: Duration,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            wait: Duration::from_millis(20),
            connect_within: Duration::from_secs(1),
            max_value: 1 << 16,
            failures: 5,
            cool_down: Duration::from_secs(1),
        }
    }
}
