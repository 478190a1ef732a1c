use std::path::Path;

/// Who may use the file at this path, and its folder, in which SQLite makes files beside it: to stand behind an error.
#[cfg(unix)]
pub(crate) fn told(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let user = remint_secret_file::Process::this().user();
    let folder = of("its folder", folder);
    match path.symlink_metadata() {
        Ok(_) => format!(" ({}, {folder}; this process runs as user {user})", of("it", path)),
        Err(_) => format!(" ({folder}; this process runs as user {user})"),
    }
}

#[cfg(not(unix))]
pub(crate) fn told(_: &Path) -> String {
    String::new()
}

#[cfg(unix)]
fn of(what: &str, path: &Path) -> String {
    use std::os::unix::fs::MetadataExt as _;
    match path.metadata() {
        Ok(found) => format!("{what} belongs to user {} and has mode {:04o}", found.uid(), found.mode() & 0o7777),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => format!("{what} {} is not there", path.display()),
        Err(_) => format!("{what} cannot be looked at"),
    }
}
