use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Cursor, LogId, LoggedRevocation, Page, Position, Reading, RevocationLog, Stamp, Target, Unavailable,
};

use crate::reader::Reader;

/// The log as far as this node has read it. Followers of this node know no row that it does not know: an edge that
/// did would ask again and again for a token that was made with the row.
pub(crate) struct ReadHere(pub(crate) Arc<Reader>);

impl ReadHere {
    fn log(&self) -> &dyn RevocationLog {
        self.0.log.log()
    }

    /// Returns once this node has read the log up to there.
    async fn read_to(&self, log: &LogId, position: Position) -> Result<(), Unavailable> {
        let is_known = |read: Stamp| read.log == *log && read.position >= position;
        if self.0.log.is_shared() && !self.0.table.read_up_to().is_some_and(is_known) {
            self.0.catch_up().await?;
        }
        Ok(())
    }
}

#[async_trait]
impl RevocationLog for ReadHere {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        let head = self.log().head().await?;
        self.read_to(&head.log, head.position).await?;
        Ok(head)
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        let reading = self.log().read_after(cursor, limit).await?;
        if let Reading::Rows(rows) = &reading
            && let Some(last) = rows.last()
        {
            self.read_to(&cursor.log, last.position).await?;
        }
        Ok(reading)
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let kept = self.log().kept(log, page).await?;
        if let Some(last) = kept.as_ref().and_then(|rows| rows.last()) {
            self.read_to(log, last.position).await?;
        }
        Ok(kept)
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        self.log().latest(targets).await
    }

    fn pause(&self) -> Duration {
        self.log().pause()
    }
}

impl fmt::Debug for ReadHere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadHere").field(&self.0.log).finish()
    }
}
