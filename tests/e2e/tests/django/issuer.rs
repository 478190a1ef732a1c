use std::path::{Path, PathBuf};

use remint_e2e::{Outcome, PATIENCE};
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

/// A major version of djangorestframework-api-key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Package {
    /// It keeps PBKDF2 digests.
    Two,
    /// It keeps SHA-512 digests.
    Three,
}

impl Package {
    /// What its version begins with.
    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::Two => "2.3.",
            Self::Three => "3.1.0",
        }
    }

    /// In the environment that `cargo xtask test` made.
    fn python(self) -> PathBuf {
        let name = match self {
            Self::Two => "django-api-key-2",
            Self::Three => "django-api-key-3",
        };
        package().join("../../.peers").join(name).join("bin/python")
    }
}

/// Keys that the package made, in a database of its own.
#[derive(Debug)]
pub(crate) struct Issued {
    database: PathBuf,
    said: Value,
}

impl Issued {
    /// Has it make them, in this folder.
    pub(crate) async fn by(from: Package, folder: &Path) -> Outcome<Self> {
        let database = folder.join("django.sqlite3");
        let mut command = Command::new(from.python());
        command.arg(package().join("tests/django/issuer/issue.py")).arg(&database).kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await?.map_err(|error| {
            format!("{} cannot be started ({error}): cargo xtask test installs it", from.python().display())
        })?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(Self { database, said: serde_json::from_slice(&output.stdout)? })
    }

    pub(crate) fn database(&self) -> &Path {
        &self.database
    }

    pub(crate) fn version(&self) -> &str {
        self.said["version"].as_str().unwrap_or_default()
    }

    /// The text of this user's key.
    pub(crate) fn key(&self, user: &str) -> Outcome<&str> {
        Ok(self.said["keys"][user].as_str().ok_or("the package made no such key")?)
    }

    /// Texts that must not pass, and why.
    pub(crate) fn wrong(&self) -> Outcome<Vec<(&'static str, String)>> {
        let ((alice, secret), (_, of_bob)) = (self.parts("alice")?, self.parts("bob")?);
        let turned: String = secret.chars().rev().collect();
        Ok(vec![
            ("the prefix of one key with a wrong secret", format!("{alice}.{turned}")),
            ("the prefix of one key with the secret of another", format!("{alice}.{of_bob}")),
            ("a key that has ended", self.key("ended")?.to_owned()),
            ("a key that was revoked", self.key("revoked")?.to_owned()),
        ])
    }

    /// Prefix and secret of this user's key.
    fn parts(&self, user: &str) -> Outcome<(&str, &str)> {
        Ok(self.key(user)?.split_once('.').ok_or("a key without a dot")?)
    }
}

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
