use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// How far an import is: a line at the terminal that is written over. Nothing where nobody sits.
pub(super) struct Progress {
    rows: usize,
    shown: Option<Instant>,
    is_seen: bool,
}

impl Progress {
    pub(super) fn of(rows: usize) -> Self {
        Self { rows, shown: None, is_seen: stderr().is_terminal() }
    }

    /// So many rows are done.
    pub(super) fn at(&mut self, done: usize) {
        if self.is_seen && self.shown.is_none_or(|shown| shown.elapsed() >= PAUSE) {
            self.shown = Some(Instant::now());
            // Whether it can be seen decides nothing.
            _ = write!(stderr(), "\r{done} of {} rows", self.rows);
            _ = stderr().flush();
        }
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        if self.shown.is_some() {
            _ = write!(stderr(), "\r{:40}\r", "");
        }
    }
}

const PAUSE: Duration = Duration::from_millis(200);
