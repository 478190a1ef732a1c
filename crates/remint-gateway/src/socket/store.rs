use std::io;
use std::os::unix::fs::MetadataExt as _;

use sqlx::postgres::PgConnectOptions;

use crate::settings::{Place, Settings};

/// Which store these settings mean: two that say the same use the same one. It holds no password. `None`: there is no
/// such store yet.
pub(crate) fn store(settings: &Settings) -> io::Result<Option<String>> {
    Ok(Some(match &settings.api_keys.store.place {
        // It is in the process that listens there.
        Place::Memory => {
            let address = settings.listen.http.or(settings.listen.admin);
            format!("memory of {}", address.map(|address| address.to_string()).unwrap_or_default())
        }
        // The file itself, whatever the path to it.
        Place::Sqlite(path) => match path.metadata() {
            Ok(file) => format!("sqlite {}:{}", file.dev(), file.ino()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        },
        Place::Postgres(url) => {
            // The parser's own errors may quote the text.
            let options = url.parse::<PgConnectOptions>().map_err(|_| io::Error::other("its address is none"))?;
            let host = options.get_socket().map_or_else(|| options.get_host().into(), |path| path.to_string_lossy());
            let database = options.get_database().unwrap_or(options.get_username());
            format!("postgres {host}:{}/{database}", options.get_port())
        }
    }))
}
