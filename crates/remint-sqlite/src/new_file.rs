use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};

/// Makes a database at this path unless there is one: whole, readable by its owner only, or not at
/// all.
///
/// It is made beside the path and linked there. SQLite can turn a new file to write-ahead logging
/// only while nobody else has it open, and does not wait for that; and a file must not be opened
/// and closed behind SQLite's back, since that drops the locks that this process has on it.
pub(crate) async fn make(path: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    if path.try_exists()? {
        return Ok(());
    }
    // A new file would take over what stands in the log of the one that was there.
    let log = beside(path, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) && !path.try_exists()? {
        let message = format!(
            "it is not there, but its write-ahead log {} is: the file was moved or removed without it, and none is made",
            log.display()
        );
        return Err(message.into());
    }
    let draft = beside(path, &format!(".{:016x}", getrandom::u64()?));
    create_private(&draft)?;
    let made = match set_up(&draft).await {
        Ok(()) => link(&draft, path).and_then(|()| sync_folder(path)).map_err(Into::into),
        Err(error) => Err(error.into()),
    };
    fs::remove_file(draft)?;
    made
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Nothing else is needed: the tables are made when the file is opened.
async fn set_up(draft: &Path) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(draft).journal_mode(SqliteJournalMode::Wal);
    SqliteConnection::connect_with(&options).await?.close().await
}

/// Another process may have been first; its file is as good.
fn link(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

/// The file's name has to survive the loss of power as its content does.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

/// SQLite gives its other files the mode of this one.
fn create_private(draft: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(draft).map(|_closed_again| ())
}
