//! The file as any other program sees it.

use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

pub(crate) async fn open(path: &Path) -> SqlitePool {
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap()
}

pub(crate) async fn create(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqlitePool::connect_with(options.journal_mode(SqliteJournalMode::Wal)).await.unwrap()
}

pub(crate) async fn count(raw: &SqlitePool, statement: &'static str) -> u32 {
    sqlx::query_scalar(statement).fetch_one(raw).await.unwrap()
}
