//! The Unix socket through which the command line reaches a gateway on the same machine.
//!
//! It lies in a folder that only this process's user can enter, so that the folder's permissions say who may use it,
//! and no key is sent. Each gateway has its own: `gateway-KERNEL-STORE-PID-TIME.sock`. The kernel is part of the name
//! since other machines may share the folder, whose sockets cannot be reached from here; the store, so that a gateway
//! with another one is not asked.

mod folder;
mod store;

use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use self::folder::{Folder, NotPrivate, folders};
pub(crate) use self::store::store;

/// The sockets in a folder of this machine's gateways over a store. Some may be left of gateways that are gone.
pub(crate) fn sockets_for(folder: &Folder, store: &str) -> io::Result<Vec<PathBuf>> {
    sockets(folder, &prefix(store))
}

fn sockets(folder: &Folder, prefix: &str) -> io::Result<Vec<PathBuf>> {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder.path())? {
        let path = entry?.path();
        let is_named = |name: &str| name.starts_with(prefix) && name.ends_with(".sock");
        let is_ours =
            path.symlink_metadata().is_ok_and(|file| file.file_type().is_socket() && file.uid() == folder.uid());
        if is_ours && path.file_name().and_then(|name| name.to_str()).is_some_and(is_named) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether nobody listens at a socket any more.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound)
}

/// A socket that is listened at, in this folder, for this store. Those of gateways that are gone are removed.
pub(crate) async fn listen(folder: &Folder, store: &str) -> io::Result<(tokio::net::UnixListener, PathBuf)> {
    use std::os::unix::fs::PermissionsExt as _;
    for socket in sockets(folder, &kernel())? {
        if is_stale(&socket).await {
            std::fs::remove_file(&socket)?;
        }
    }
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let name = format!("{}{}-{time:x}.sock", prefix(store), process::id());
    let (new, path) = (folder.path().join(format!(".{name}")), folder.path().join(name));
    let listener = tokio::net::UnixListener::bind(&new)?;
    // Nobody finds it before it is listened at, so nobody takes it for a stale one.
    let placed = std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600))
        .and_then(|()| std::fs::rename(&new, &path));
    if let Err(error) = placed {
        _ = std::fs::remove_file(&new);
        return Err(error);
    }
    Ok((listener, path))
}

async fn is_stale(socket: &Path) -> bool {
    let connected = tokio::time::timeout(PATIENCE, tokio::net::UnixStream::connect(socket)).await;
    matches!(connected, Ok(Err(error)) if is_gone(&error))
}

/// How the names of all sockets begin that can be reached from here.
fn kernel() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    format!("gateway-{}-", id.get(..8).unwrap_or("local"))
}

fn prefix(store: &str) -> String {
    format!("{}{:08x}-", kernel(), digest(store))
}

/// FNV-1a. It only keeps names apart: a gateway is asked for its store.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);
