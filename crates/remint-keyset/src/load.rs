use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use remint_jwt::JwkSet;
use remint_secret_file::Kind;
use url::Url;

use crate::jwks_uri::jwks_uri;
use crate::load_error::LoadError;
use crate::{HttpFetch, KeySource};

/// Reads a key set from its source, once.
#[derive(Debug)]
pub(crate) struct Loader {
    source: KeySource,
    http: Arc<dyn HttpFetch>,
    discovered: Mutex<Option<Url>>,
}

impl Loader {
    pub(crate) const fn new(source: KeySource, http: Arc<dyn HttpFetch>) -> Self {
        Self { source, http, discovered: Mutex::new(None) }
    }

    /// Reads the set, which may be without any key. With `rediscover` the discovery document is asked again although
    /// it has already said where the set is.
    pub(crate) async fn load(&self, rediscover: bool) -> Result<JwkSet, LoadError> {
        let bytes = match &self.source {
            KeySource::Fixed(keys) => return Ok(keys.clone()),
            KeySource::File(path) => read_file(path).await?,
            KeySource::JwksUri(url) => self.http.get(url).await.map_err(LoadError::Fetch)?,
            KeySource::Discovery(discovery) => {
                let known = if rediscover { None } else { self.discovered() };
                let url = match known {
                    Some(url) => url,
                    None => jwks_uri(discovery, &*self.http).await?,
                };
                // Kept only while it works: a set that has moved is discovered again next time.
                self.remember(None);
                let bytes = self.http.get(&url).await.map_err(LoadError::Fetch)?;
                self.remember(Some(url));
                bytes
            }
        };
        JwkSet::parse(&bytes).map_err(LoadError::Malformed)
    }

    fn discovered(&self) -> Option<Url> {
        self.discovered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, url: Option<Url>) {
        *self.discovered.lock().unwrap_or_else(PoisonError::into_inner) = url;
    }
}

async fn read_file(path: &Path) -> Result<Vec<u8>, LoadError> {
    let path = PathBuf::from(path);
    let read = move || {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&path)?;
        // Who can write the keys decides who is believed.
        remint_secret_file::check(&file, &path, Kind::Settings).map_err(std::io::Error::other)?;
        file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(std::io::Error::other("the file is over 512 KiB"));
        }
        Ok(bytes)
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(LoadError::File),
        Err(_) => Err(LoadError::Broken),
    }
}

const MAX_FILE: u64 = 512 * 1024;

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[tokio::test]
    async fn keys_that_others_may_write_are_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        write(&path, "{}").unwrap();
        for (mode, is_read) in [(0o644, true), (0o600, true), (0o664, false), (0o646, false)] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let read = read_file(&path).await;
            assert_eq!(read.is_ok(), is_read, "{mode:o}");
            assert!(read.err().is_none_or(|error| matches!(error, LoadError::File(_))));
        }
    }
}
