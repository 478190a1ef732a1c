//! What a key folder records of the store that it belongs to.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use remint_core::StoreId;
use serde::{Deserialize, Serialize};

use crate::pepper_file::{private, random_hex, sync_folder};

/// The file `store.json` in a key folder. There is no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    /// The store whose peppers, and whose nodes' signing keys, are in the folder.
    pub(super) store: StoreId,
    /// The folder's own id: nodes that share it share its signing keys.
    pub(super) folder: Box<str>,
}

impl Mark {
    /// A mark of this store, for a folder of this id or of a new one.
    pub(super) fn new(store: StoreId, folder: Option<Box<str>>) -> io::Result<Self> {
        let folder = match folder {
            Some(folder) => folder,
            None => format!("folder_{}", &*random_hex::<16>()?).into(),
        };
        Ok(Self { store, folder })
    }

    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join(NAME)
    }

    /// The folder's mark; `None` if it has none.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(Self::path(folder)) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Marks the folder unless another process was first; the mark that it has now.
    pub(super) fn write_if_absent(&self, folder: &Path) -> io::Result<Self> {
        let path = Self::path(folder);
        let draft = self.draft(folder)?;
        let linked = match fs::hard_link(&draft, &path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        };
        fs::remove_file(&draft)?;
        linked?;
        sync_folder(folder)?;
        Self::read(folder)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Marks the folder, whatever it was marked with.
    pub(super) fn replace(&self, folder: &Path) -> io::Result<()> {
        let draft = self.draft(folder)?;
        if let Err(error) = fs::rename(&draft, Self::path(folder)) {
            // The first error is the one to report.
            _ = fs::remove_file(&draft);
            return Err(error);
        }
        sync_folder(folder)
    }

    fn draft(&self, folder: &Path) -> io::Result<PathBuf> {
        let draft = folder.join(format!(".{NAME}.{}", &*random_hex::<8>()?));
        let mut text = serde_json::to_vec(self)?;
        text.push(b'\n');
        let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&draft)?;
        file.write_all(&text)?;
        file.sync_all()?;
        Ok(draft)
    }
}

/// The ids of the signing keys in a folder, whose files are named
/// `<unix seconds of activation>-<algorithm>-<key id>.pem`. Nothing of a folder that is not there.
pub(super) fn signing_keys(folder: &Path) -> io::Result<Vec<Box<str>>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut keys = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            keys.push(stem.splitn(3, '-').last().unwrap_or_default().into());
        }
    }
    Ok(keys)
}

const NAME: &str = "store.json";

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(store: &str) -> Mark {
        Mark::new(store.parse().unwrap(), None).unwrap()
    }

    #[test]
    fn the_first_mark_stays_until_it_is_replaced_on_purpose() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["store_1", "store_2"].map(mark);
        assert_eq!(Mark::read(folder.path()).unwrap(), None);
        assert_eq!(first.write_if_absent(folder.path()).unwrap(), first);
        assert_eq!(second.write_if_absent(folder.path()).unwrap(), first);
        second.replace(folder.path()).unwrap();
        assert_eq!(Mark::read(folder.path()).unwrap(), Some(second));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a draft was left behind");
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{}", "{\"store\":\"\",\"folder\":\"f\"}", "{\"store\":\"s\",\"folder\":\"f\",\"more\":1}"] {
            fs::write(Mark::path(folder.path()), text).unwrap();
            assert!(Mark::read(folder.path()).is_err(), "{text}");
        }
    }

    #[test]
    fn signing_keys_are_told_by_the_names_of_their_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["1700000000-ES256-a-b_c.pem", "pepper", ".lock", "x.tmp"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(signing_keys(folder.path()).unwrap(), ["a-b_c".into()]);
        assert!(signing_keys(&folder.path().join("missing")).unwrap().is_empty());
    }
}
