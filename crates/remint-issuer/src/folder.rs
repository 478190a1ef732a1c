use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use remint_core::Timestamp;
use remint_jwt::{Algorithm, SigningKey};
use remint_secret_file::Kind;
use zeroize::Zeroizing;

use crate::lock::{self, FolderLock};
use crate::permissions;
use crate::ring::Ring;
use crate::ring_key::RingKey;
use crate::{IssuerError, random};

/// A folder of private keys, one PKCS#8 PEM file each, named
/// `<unix seconds of activation>-<algorithm>-<key id>.pem`.
///
/// Several processes may share it: files appear whole, are never changed, and are removed only
/// when nobody needs them any more, or an operator says so. Only the holder of the lock adds one.
#[derive(Debug)]
pub(crate) struct KeyFolder(PathBuf);

impl KeyFolder {
    /// Opens the folder; makes it, for the owner alone, if it is not there.
    pub(crate) fn open(path: PathBuf) -> Result<Self, IssuerError> {
        permissions::create_private_folder(&path).map_err(at(&path))?;
        Ok(Self(path))
    }

    /// The folder as it is; `None` if there is none.
    pub(crate) fn existing(path: PathBuf) -> Option<Self> {
        path.exists().then_some(Self(path))
    }

    /// Keeps others from making and retiring keys; waits for so long while they keep us.
    pub(crate) fn lock(&self, patience: Duration) -> Result<FolderLock, IssuerError> {
        FolderLock::take(&self.0, patience)
    }

    /// All keys. Those that `known` holds are not parsed again.
    ///
    /// A folder that lost the known ones and the lock with them is another folder: an operator who removes a key's
    /// file leaves the lock.
    pub(crate) fn load(&self, known: &Ring) -> Result<Vec<RingKey>, IssuerError> {
        remint_secret_file::check_folder(&self.0)?;
        let mut keys = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(at(&self.0))? {
            let path = entry.map_err(at(&self.0))?.path();
            if path.extension().is_some_and(|extension| extension == "pem") {
                keys.extend(load_key(&path, known)?);
            }
        }
        if keys.is_empty() && !known.keys().is_empty() && !lock::was_taken(&self.0) {
            return Err(IssuerError::KeysAreGone { path: self.0.clone() });
        }
        Ok(keys)
    }

    /// Writes a key, so that no reader ever sees part of it.
    pub(crate) fn add(&self, ring_key: &RingKey) -> Result<(), IssuerError> {
        let pem = ring_key.key.to_pem().map_err(IssuerError::Generate)?;
        let path = self.path_of(ring_key);
        let temporary = self.0.join(format!(".{}.tmp", random::id().map_err(at(&self.0))?));
        let written = write_private(&temporary, pem.as_bytes()).and_then(|()| fs::rename(&temporary, &path));
        if let Err(source) = written {
            // The first error is the one to report.
            let _ = fs::remove_file(&temporary);
            return Err(IssuerError::Io { path, source });
        }
        sync_folder(&self.0).map_err(at(&self.0))
    }

    /// Removes a key's file; that another process was first is fine.
    pub(crate) fn remove(&self, ring_key: &RingKey) -> Result<(), IssuerError> {
        let path = self.path_of(ring_key);
        absent_is_none(fs::remove_file(&path)).map_err(at(&path))?;
        Ok(())
    }

    fn path_of(&self, ring_key: &RingKey) -> PathBuf {
        let (seconds, key) = (ring_key.activates_at.as_secs(), &ring_key.key);
        self.0.join(format!("{seconds}-{}-{}.pem", key.algorithm(), key.key_id()))
    }
}

/// One key; `None` if another process has just removed it.
fn load_key(path: &Path, known: &Ring) -> Result<Option<RingKey>, IssuerError> {
    let bad_name = || IssuerError::FileName { path: path.into() };
    let name = KeyName::parse(path).ok_or_else(bad_name)?;
    let Some(file) = absent_is_none(File::open(path)).map_err(at(path))? else {
        return Ok(None);
    };
    remint_secret_file::check(&file, path, Kind::Secret)?;
    let same = |other: &&RingKey| other.key.key_id() == name.key_id && other.key.algorithm() == name.algorithm;
    let key = match known.keys().iter().find(same) {
        Some(other) => other.key.clone(),
        None => {
            let mut pem = Zeroizing::new(String::new());
            file.take(MAX_PEM_LEN).read_to_string(&mut pem).map_err(at(path))?;
            remint_secret_file::drop_byte_order_mark(&mut pem);
            let key = SigningKey::from_pem(name.algorithm, &pem)
                .map_err(|source| IssuerError::FileKey { path: path.into(), source })?;
            Arc::new(key)
        }
    };
    if key.key_id() != name.key_id {
        return Err(bad_name());
    }
    Ok(Some(RingKey { activates_at: name.activates_at, key }))
}

/// What a file's name says.
struct KeyName<'p> {
    activates_at: Timestamp,
    algorithm: Algorithm,
    key_id: &'p str,
}

impl<'p> KeyName<'p> {
    fn parse(path: &'p Path) -> Option<Self> {
        let mut parts = path.file_stem()?.to_str()?.splitn(3, '-');
        let activates_at = Timestamp::from_secs(parts.next()?.parse().ok()?);
        Some(Self { activates_at, algorithm: parts.next()?.parse().ok()?, key_id: parts.next()? })
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    permissions::owner_only(&mut options);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a new name last. Elsewhere than on Unix a folder cannot be opened, and need not be.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> IssuerError {
    let path = path.to_path_buf();
    move |source| IssuerError::Io { path, source }
}

const MAX_PEM_LEN: u64 = 16 * 1024;
