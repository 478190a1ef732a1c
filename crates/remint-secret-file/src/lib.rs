//! Says whether a file is guarded well enough for a secret, and reads it if it is.
//!
//! # The decision
//!
//! | what ([`Kind`]) | owner | its group | others |
//! | --- | --- | --- | --- |
//! | [`Secret`](Kind::Secret) | this process's user, or root | may read, if this process is in it; one warning | nothing |
//! | [`Folder`](Kind::Folder) of secrets | the same | may list, if this process is in it; one warning | nothing |
//! | [`Settings`](Kind::Settings) | the same | may read | may read |
//!
//! Nobody but the owner may write. User and group of the process are the effective ones, with the supplementary
//! groups. What is not in the table is [`Exposed`], an error that says path, owner, group and mode.
//!
//! In Kubernetes, a secret that is mounted with `fsGroup` and `defaultMode: 0400` has the mode 0440 and passes with
//! the warning; one that is mounted with the default mode may be read by everybody, and is refused.
//!
//! Links are followed: what is judged is the file that was opened, and not its name, which may stand for another
//! file a moment later. Outside Unix nothing is judged: there the folder's access control has to do it.
//!
//! # Example
//!
//! ```
//! # #[cfg(unix)] {
//! use std::os::unix::fs::PermissionsExt as _;
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("secret");
//! std::fs::write(&path, "correct horse battery staple")?;
//!
//! std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?;
//! let error = remint_secret_file::read_to_string(&path, 1024).unwrap_err();
//! assert!(error.to_string().contains("mode 0644"));
//!
//! std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
//! assert_eq!(*remint_secret_file::read_to_string(&path, 1024)?, "correct horse battery staple");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this crate is not
//!
//! It does not look at the folders above a file: who can rename files there can put another file in its place, but
//! not one of the right owner.

mod error;
mod file;
mod process;
mod rule;
#[cfg(unix)]
mod writable;

pub use error::SecretFileError;
pub use file::{check, check_folder, drop_byte_order_mark, read_to_string};
pub use process::Process;
pub use rule::{Access, Exposed, Kind, Ownership};
#[cfg(unix)]
pub use writable::check_writable;
