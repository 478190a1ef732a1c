use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// What a subscriber wrote, as text. Clones share it.
///
/// `tracing_subscriber::fmt().with_writer(log.writer())` writes to it.
#[derive(Debug, Clone, Default)]
pub struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Makes the writers of a subscriber.
    pub fn writer(&self) -> impl Fn() -> Self + Send + Sync + 'static {
        let log = self.clone();
        move || log.clone()
    }

    /// Everything that was written since the last [`take`](Self::take).
    #[must_use]
    pub fn text(&self) -> String {
        text(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// The same, and the log is empty afterwards.
    pub fn take(&self) -> String {
        text(std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("a log is UTF-8")
}
