use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, SqlSafeStr as _};
use tempfile::TempDir;

use crate::Outcome;

/// The file that all nodes share.
#[derive(Debug)]
pub(crate) struct File {
    folder: TempDir,
}

impl File {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { folder: TempDir::new()? })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("keys.db")
    }

    /// Nobody finds it any more.
    pub(crate) fn take_away(&self) -> io::Result<()> {
        fs::rename(self.path(), self.folder.path().join("away.db"))
    }

    pub(crate) fn bring_back(&self) -> io::Result<()> {
        fs::rename(self.folder.path().join("away.db"), self.path())
    }

    /// Takes a copy of it as it is now.
    pub(crate) async fn back_up(&self) -> Outcome<()> {
        let copy = self.copy();
        _ = fs::remove_file(&copy);
        let options = SqliteConnectOptions::new().filename(self.path());
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let copy = copy.to_str().ok_or("a path that is no text")?.to_owned();
        sqlx::query("VACUUM INTO ?".into_sql_str()).bind(copy).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// Puts the copy in its place. What belonged to the file that was there goes first.
    pub(crate) fn restore(&self) -> io::Result<()> {
        for beside in ["keys.db-wal", "keys.db-shm"] {
            remove(&self.folder.path().join(beside))?;
        }
        fs::rename(self.copy(), self.path())
    }

    fn copy(&self) -> PathBuf {
        self.folder.path().join("copy.db")
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
