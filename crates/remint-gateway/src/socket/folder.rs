use std::fmt;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::settings::Settings;

/// A folder that only this process's user can enter: it is theirs, and of mode 0700 or less.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    uid: u32,
}

/// Why a folder is not used.
#[derive(Debug)]
pub(crate) enum NotPrivate {
    Absent,
    Unreadable(io::Error),
    NoFolder,
    /// It belongs to another user.
    Owner {
        theirs: u32,
        ours: u32,
    },
    Mode(u32),
}

impl Folder {
    /// The folder, if only this user can enter it.
    pub(crate) fn private(path: &Path, uid: u32) -> Result<Self, NotPrivate> {
        let found = path.symlink_metadata().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => NotPrivate::Absent,
            _ => NotPrivate::Unreadable(error),
        })?;
        let mode = found.mode() & 0o7777;
        match found {
            found if !found.is_dir() => Err(NotPrivate::NoFolder),
            found if found.uid() != uid => Err(NotPrivate::Owner { theirs: found.uid(), ours: uid }),
            _ if mode & 0o077 != 0 => Err(NotPrivate::Mode(mode)),
            _ => Ok(Self { path: path.to_owned(), uid }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) const fn uid(&self) -> u32 {
        self.uid
    }
}

impl fmt::Display for NotPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("it is not there"),
            Self::Unreadable(error) => write!(f, "it cannot be read: {error}"),
            Self::NoFolder => f.write_str("it is no folder"),
            Self::Owner { theirs, ours } => {
                write!(f, "it belongs to user {theirs}, and this process runs as user {ours}")
            }
            Self::Mode(mode) => write!(f, "its mode is {mode:04o}, not 0700"),
        }
    }
}

/// Where a gateway of these settings may put its socket, the best place first: the folder of its keys, or one in a
/// place for what runs. With `make`, the latter are made where they are not there.
pub(crate) fn folders(settings: &Settings, uid: u32, make: bool) -> Vec<(PathBuf, Result<Folder, NotPrivate>)> {
    let keys = settings.issuer.given.is_none().then(|| {
        let keys = &settings.issuer.keys.path;
        // The settings may name it by a link.
        fs::canonicalize(keys).unwrap_or_else(|_| keys.clone())
    });
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let runtime = runtime.map(|folder| folder.join("remint"));
    let others = runtime.into_iter().chain([std::env::temp_dir().join(format!("remint-{uid}"))]);
    let made = others.inspect(|folder| {
        if make {
            // Where it cannot be made, the check says why it is not used.
            _ = DirBuilder::new().mode(0o700).create(folder);
        }
    });
    keys.into_iter()
        .chain(made)
        .map(|path| {
            let folder = Folder::private(&path, uid);
            (path, folder)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use remint_secret_file::Process;

    use super::*;

    #[test]
    fn only_a_folder_of_ours_that_nobody_else_can_enter_is_used() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, uid) = (parent.path().join("folder"), Process::this().user());
        assert!(matches!(Folder::private(&folder, uid), Err(NotPrivate::Absent)));
        fs::create_dir(&folder).unwrap();
        for mode in [0o701, 0o710, 0o750, 0o755, 0o777, 0o1777] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Folder::private(&folder, uid), Err(NotPrivate::Mode(found)) if found == mode), "{mode:o}");
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(Folder::private(&folder, uid).is_ok());
        let other = Folder::private(&folder, uid + 1).unwrap_err();
        assert!(other.to_string().contains(&format!("belongs to user {uid}")), "{other}");
        // What lies in a place for everybody may be a link that somebody else has made.
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(matches!(Folder::private(&link, uid), Err(NotPrivate::NoFolder)));
    }
}
