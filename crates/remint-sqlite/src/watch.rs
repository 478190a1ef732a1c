use std::sync::Arc;

use remint_core::{Cursor, Reading};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqliteRow};
use sqlx::{ConnectOptions as _, Error};
use tokio::sync::Mutex;

use crate::columns::signed;
use crate::same_file::{FileId, SameFile};

/// One connection that stays, by which it is seen that nothing has changed without reading anything.
#[derive(Debug)]
pub(crate) enum Watch {
    File(Box<Watched>),
    Memory(SqlitePool),
}

#[derive(Debug)]
pub(crate) struct Watched {
    options: SqliteConnectOptions,
    file: Arc<SameFile>,
    pinned: Mutex<Option<Pinned>>,
}

#[derive(Debug)]
pub(crate) struct Pinned {
    connection: SqliteConnection,
    file: Option<FileId>,
    /// SQLite's count of what others have committed, when there was nothing behind this cursor.
    nothing_new: Option<(i64, Cursor)>,
}

/// How it is read.
#[derive(Debug)]
pub(crate) struct Question {
    /// With the cursor's position and the limit as its parameters.
    pub(crate) statement: &'static str,
    pub(crate) limit: i64,
    pub(crate) understand: fn(&Cursor, &[SqliteRow]) -> Result<Reading, Error>,
}

impl Question {
    async fn ask(&self, from: &Cursor, connection: &mut SqliteConnection) -> Result<Reading, Error> {
        let query = sqlx::query(self.statement).bind(signed(from.position.0)).bind(self.limit);
        (self.understand)(from, &query.fetch_all(connection).await?)
    }
}

impl Watch {
    pub(crate) fn of(options: SqliteConnectOptions, file: Arc<SameFile>) -> Self {
        Self::File(Box::new(Watched { options, file, pinned: Mutex::new(None) }))
    }

    /// Reads what comes after a cursor, unless nothing can have come.
    pub(crate) async fn read(&self, from: &Cursor, question: &Question) -> Result<Reading, Error> {
        let Watched { options, file, pinned } = match self {
            Self::File(watched) => &**watched,
            Self::Memory(pool) => return question.ask(from, &mut *pool.acquire().await?).await,
        };
        let mut place = pinned.lock().await;
        let there = file.now();
        // Taken out: whoever fails, or goes away, leaves none behind.
        let kept = place.take().filter(|pinned| pinned.file == there);
        let mut pinned = match kept {
            Some(pinned) => pinned,
            None => Pinned { connection: options.connect().await?, file: there, nothing_new: None },
        };
        let version: i64 = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut pinned.connection).await?;
        let is_at = |(seen, cursor): &(i64, Cursor)| *seen == version && cursor == from;
        let reading = if pinned.nothing_new.as_ref().is_some_and(is_at) {
            Reading::Rows(Vec::new())
        } else {
            let reading = question.ask(from, &mut pinned.connection).await?;
            let is_at_the_head = matches!(&reading, Reading::Rows(rows) if rows.is_empty());
            pinned.nothing_new = is_at_the_head.then(|| (version, from.clone()));
            reading
        };
        *place = Some(pinned);
        Ok(reading)
    }

    pub(crate) async fn close(&self) {
        if let Self::File(watched) = self
            && let Some(pinned) = watched.pinned.lock().await.take()
        {
            // What is left of it ends with the process.
            drop(sqlx::Connection::close(pinned.connection).await);
        }
    }
}
