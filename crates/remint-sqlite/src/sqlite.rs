use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{StoreAge, StoreOrigin, Unavailable, UnavailableKind};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _};

use crate::same_file::SameFile;
use crate::turn::Turn;
use crate::watch::Watch;
use crate::{OpenError, new_file, schema};

/// A store of API keys and users in one SQLite database. Clones share it.
#[derive(Clone)]
pub struct Sqlite {
    /// One connection: SQLite has one writer at a time, and a queue here is fair where a wait for
    /// the file's lock is not.
    writer: SqlitePool,
    /// Connections that cannot write.
    readers: SqlitePool,
    watch: Arc<Watch>,
    turn: Arc<Turn>,
    opened: Arc<StoreOrigin>,
}

impl Sqlite {
    /// Opens the database of this path, `keys.db` or `sqlite://keys.db`, and brings its tables up
    /// to date. A file that is missing is made, with mode 0600; its folder must be there.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the file cannot be made or read, is no database, or is one of a later
    /// version of this crate.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let given = path.as_ref();
        let path = file_of(given).map_err(|why| OpenError::new(given, why))?;
        new_file::make(path).await.map_err(|error| OpenError::new(path, error))?;
        let shared = SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).disable_statement_logging();
        let writing = shared
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("fullfsync", "ON")
            .pragma("cache_size", WRITER_CACHE)
            .foreign_keys(true);
        let file = Arc::new(SameFile::at(path.to_owned()));
        let same = Arc::clone(&file);
        let writer = pool(1)
            // SQLite rolls back by itself where it cannot write (a full disk, say). sqlx then takes the
            // connection to be in a transaction for good, and begins none on it.
            .before_acquire(move |connection, kept| {
                let is_good = !connection.is_in_transaction() && same.is_of_age(kept.age);
                Box::pin(std::future::ready(Ok(is_good)))
            })
            .connect_with(writing)
            .await
            .map_err(|error| OpenError::new(path, error))?;
        let is_new = schema::migrate(&writer).await.map_err(|error| OpenError::new(path, error))?;
        let reading = shared.pragma("query_only", "ON");
        let watch = Arc::new(Watch::of(reading.clone(), Arc::clone(&file)));
        let readers = pool(readers())
            .before_acquire(move |_, kept| Box::pin(std::future::ready(Ok(file.is_of_age(kept.age)))))
            .connect_lazy_with(reading);
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let age = if is_new { StoreAge::Made } else { StoreAge::Found };
        let opened = Arc::new(StoreOrigin { place: absolute.display().to_string(), age });
        Ok(Self { writer, readers, watch, turn: Arc::default(), opened })
    }

    /// A database in this process's memory, which ends with the last clone.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if SQLite cannot set it up.
    pub async fn in_memory() -> Result<Self, OpenError> {
        let path = Path::new(":memory:");
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true).disable_statement_logging();
        let only = pool(1).connect_with(options).await.map_err(|error| OpenError::new(path, error))?;
        schema::migrate(&only).await.map_err(|error| OpenError::new(path, error))?;
        let opened = Arc::new(StoreOrigin { place: "memory".to_owned(), age: StoreAge::Memory });
        let watch = Arc::new(Watch::Memory(only.clone()));
        Ok(Self { readers: only.clone(), writer: only, watch, turn: Arc::default(), opened })
    }

    /// Closes the database: waits for the calls under way, then folds the write-ahead log into the
    /// file. Every later call, of clones too, is an outage.
    pub async fn close(&self) {
        self.watch.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }

    pub(crate) const fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    pub(crate) const fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(crate) fn opened(&self) -> &StoreOrigin {
        &self.opened
    }

    pub(crate) fn turn(&self) -> &Turn {
        &self.turn
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("closed", &self.writer.is_closed()).finish_non_exhaustive()
    }
}

/// Any failure of the database that is not about what was asked. Bound values are not in it.
pub(crate) fn unavailable(error: sqlx::Error) -> Unavailable {
    Unavailable::new(UnavailableKind::Store).with_source(error)
}

/// The path without `sqlite://`. SQLite's own settings behind a `?` are refused: they would weaken
/// what this crate promises.
fn file_of(given: &Path) -> Result<&Path, &'static str> {
    let Some(address) = given.to_str().and_then(|text| text.strip_prefix("sqlite:")) else { return Ok(given) };
    let path = address.strip_prefix("//").unwrap_or(address);
    match path {
        "" => Err("a path is missing after `sqlite://`"),
        ":memory:" => Err("use `Sqlite::in_memory` for a database in memory"),
        _ if path.contains('?') => Err("settings after `?` are not supported"),
        _ => Ok(Path::new(path)),
    }
}

/// Connections that stay: each has its thread and its prepared statements.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

fn readers() -> u32 {
    std::thread::available_parallelism().ok().and_then(|cores| u32::try_from(cores.get()).ok()).unwrap_or(1).clamp(2, 8)
}

/// How long a call waits for a connection, and for the lock of another process.
const PATIENCE: Duration = Duration::from_secs(5);

/// 64 MiB at most, in SQLite's way of saying so. Keys arrive without an order: a large import
/// changes places all over the indexes, and with a small cache each is written many times.
const WRITER_CACHE: &str = "-65536";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_writer_waits_for_the_disk_and_the_readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        for (pool, statement, value) in [
            (store.writer(), "PRAGMA synchronous", 2), // FULL
            (store.writer(), "PRAGMA foreign_keys", 1),
            (store.writer(), "PRAGMA query_only", 0),
            (store.readers(), "PRAGMA query_only", 1),
        ] {
            let found: u32 = sqlx::query_scalar(statement).fetch_one(pool).await.unwrap();
            assert_eq!(found, value, "{statement}");
        }
    }
}
