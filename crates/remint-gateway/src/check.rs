//! What a start needs beside the settings, as far as it is on this machine: looked at, and left as it is.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use remint::Peppers;
use remint_jwt::{JwkSet, MAX_SET_LEN};

use crate::failure::with_causes;
use crate::settings::{Place, Settings, TrustSettings, open_guarded};
use crate::{pairing, signing_keys};

/// Why a start with these settings would fail or trust nobody, one line each.
pub(crate) async fn problems(settings: &Settings) -> Vec<String> {
    if settings.exchange.is_some() {
        return Vec::new();
    }
    let place = &settings.api_keys.store.place;
    let in_store = match place {
        Place::Memory => None,
        Place::Sqlite(path) => sqlite(path).err(),
        Place::Postgres(url) => postgres_files(url).err(),
    };
    let found = in_store.map(|message| format!("`api_keys.store`: {message}")).into_iter();
    let keys = settings.issuer.given.is_none().then(|| keys(settings).err()).flatten();
    let keys = keys.map(|message| format!("`issuer.keys`: {message}"));
    let paired = match place {
        Place::Sqlite(_) => pairing::check_store_is_there(settings, place).await.err().map(|error| error.to_string()),
        // It would be asked.
        Place::Memory | Place::Postgres(_) => None,
    };
    let trusts = settings.trusts.iter().filter_map(key_set);
    found.chain(keys).chain(paired).chain(trusts).collect()
}

/// A store that is there can be read and written, and one that is not there can be made.
fn sqlite(path: &Path) -> Result<(), String> {
    match File::options().read(true).write(true).open(path) {
        Ok(mut file) => {
            let mut header = [0; SQLITE_HEADER.len()];
            let is_new = file.metadata().is_ok_and(|file| file.len() == 0);
            let read = file.read_exact(&mut header);
            if is_new || read.is_ok() && header == *SQLITE_HEADER {
                writable(folder_of(path))
            } else {
                Err(format!("{} is no SQLite database", path.display()))
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => writable(folder_of(path)),
        Err(error) => Err(format!("{} cannot be opened: {error}", path.display())),
    }
}

/// The files that the address of a database names.
fn postgres_files(url: &str) -> Result<(), String> {
    let Ok(url) = url::Url::parse(url) else { return Ok(()) };
    for (name, path) in url.query_pairs().filter(|(name, _)| POSTGRES_FILES.contains(&&**name)) {
        // Certificates may stand there themselves.
        if !path.contains("-----BEGIN") {
            File::open(&*path).map_err(|error| format!("{name}: {path} cannot be read: {error}"))?;
        }
    }
    Ok(())
}

/// The signing keys and the pepper that are there can be used, and those that are not there can be made.
fn keys(settings: &Settings) -> Result<(), String> {
    let folder = &settings.issuer.keys.path;
    if !folder.try_exists().map_err(|error| format!("{} cannot be read: {error}", folder.display()))? {
        let ancestor = folder.ancestors().skip(1).find(|ancestor| ancestor.as_os_str().is_empty() || ancestor.exists());
        return writable(ancestor.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    }
    signing_keys::inspect(&settings.issuer).map_err(|failure| failure.to_string())?;
    if settings.api_keys.peppers.is_none() {
        Peppers::load(folder.join("pepper")).map_err(|error| format!("the pepper: {}", with_causes(&error)))?;
    }
    writable(folder)
}

/// A key set in a file, without which nobody of this issuer would pass.
fn key_set(trust: &TrustSettings) -> Option<String> {
    let path = trust.jwks_file.as_deref()?;
    let message = match read_set(path) {
        Ok(set) if !set.is_empty() => return None,
        Ok(_) => "no key of it can be used".to_owned(),
        Err(message) => message,
    };
    Some(format!("`trust` in {}: `jwks_file`: {}: {message}", trust.issuer, path.display()))
}

fn read_set(path: &Path) -> Result<JwkSet, String> {
    let mut json = Vec::new();
    let read = open_guarded(path).and_then(|file| file.take(MAX_SET_LEN as u64 + 1).read_to_end(&mut json));
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    JwkSet::parse(&json).map_err(|error| format!("it is no key set: {error}"))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A folder in which this process can make files.
fn writable(folder: &Path) -> Result<(), String> {
    let found = std::fs::metadata(folder).map_err(|error| format!("the folder {}: {error}", folder.display()))?;
    if !found.is_dir() {
        return Err(format!("{} is no folder", folder.display()));
    }
    #[cfg(unix)]
    if let Err(error) = remint_secret_file::check_writable(folder) {
        let user = remint_secret_file::Process::this().user();
        return Err(format!("nothing can be made in the folder {} as user {user}: {error}", folder.display()));
    }
    Ok(())
}

/// The settings in an address that name files.
const POSTGRES_FILES: [&str; 7] =
    ["sslrootcert", "ssl-root-cert", "ssl-ca", "sslcert", "ssl-cert", "sslkey", "ssl-key"];
const SQLITE_HEADER: &[u8; 16] = b"SQLite format 3\0";
