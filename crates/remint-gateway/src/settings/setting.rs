use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use remint_secret_file::Kind;

use super::node::Node;
use super::origin::Origin;

/// What a setting is read from and written as.
pub(crate) trait Setting: Sized {
    /// Whether a variable may hold several, with commas between them.
    const SPLIT: bool = true;

    /// Reads it.
    fn read(node: &Node, world: &World) -> Result<Self, Wrong>;

    /// As it stands in a settings file; a secret is masked.
    fn toml(&self) -> String;
}

/// Why a value is no such setting.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) message: String,
    /// The item of a list that is wrong, where it has a place of its own.
    pub(crate) origin: Option<Origin>,
}

impl Wrong {
    pub(crate) fn because(message: impl ToString) -> Self {
        Self { message: message.to_string(), origin: None }
    }
}

/// What settings refer to: other files, and the environment.
#[derive(Default)]
pub(crate) struct World {
    /// The folder of the settings file; relative paths begin here.
    pub(crate) folder: PathBuf,
    pub(crate) variables: BTreeMap<String, String>,
    /// The first line of the settings file in which a secret stands as text.
    pub(crate) secret_at: Cell<Option<usize>>,
    /// They are read for an operator's command, which serves nobody.
    pub(crate) is_for_command: bool,
}

impl World {
    pub(crate) fn new(folder: PathBuf, variables: BTreeMap<String, String>) -> Self {
        Self { folder, variables, secret_at: Cell::new(None), is_for_command: false }
    }

    /// A secret stands as text at this place.
    pub(crate) fn holds_secret(&self, origin: &Origin) {
        if let Origin::Line(line) = origin {
            self.secret_at.set(Some(self.secret_at.get().map_or(*line, |first| first.min(*line))));
        }
    }
}

/// Opens a file that says whom to believe; it is refused if others could have written it.
pub(crate) fn open_guarded(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    remint_secret_file::check(&file, path, Kind::Settings).map_err(io::Error::other)?;
    Ok(file)
}
