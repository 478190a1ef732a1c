//! What `cargo metadata` says of this workspace.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// The members of a workspace.
#[derive(Debug, Clone, Deserialize)]
pub struct Workspace {
    /// Every member.
    pub packages: Vec<Package>,
}

/// One member.
#[derive(Debug, Clone, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The absolute path of its `Cargo.toml`.
    pub manifest_path: PathBuf,
    /// What its manifest asks for.
    pub dependencies: Vec<Dependency>,
    /// Its features.
    #[serde(default)]
    pub features: BTreeMap<String, Vec<String>>,
    /// Where it may be published; empty: nowhere; absent: anywhere.
    pub publish: Option<Vec<String>>,
}

/// A line under `[dependencies]` or one of its siblings.
#[derive(Debug, Clone, Deserialize)]
pub struct Dependency {
    /// The package's name, whatever it is renamed to.
    pub name: String,
    /// The version requirement; `*` where the manifest names none.
    pub req: String,
    /// `None` for `[dependencies]`, else `dev` or `build`.
    pub kind: Option<String>,
    /// The folder, for a dependency by path.
    pub path: Option<PathBuf>,
}

impl Workspace {
    /// Asks cargo about the workspace in `root`.
    ///
    /// # Errors
    ///
    /// If cargo cannot be run, fails, or answers something else than JSON.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut command = Command::new("cargo");
        command.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root);
        let output = command.output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The members in the folder `crates`: the product, as against examples and tools.
    pub fn crates(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_in("crates"))
    }
}

impl Package {
    /// Whether the package's own folder stands in one called `folder`.
    #[must_use]
    pub fn is_in(&self, folder: &str) -> bool {
        self.manifest_path.ancestors().nth(2).is_some_and(|parent| parent.ends_with(folder))
    }

    /// Whether it is kept to this workspace.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.publish.as_ref().is_some_and(Vec::is_empty)
    }
}

impl Dependency {
    /// Whether it is for tests, examples and benchmarks only.
    #[must_use]
    pub fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

/// The workspace's folder: the parent of this package's.
#[must_use]
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}
