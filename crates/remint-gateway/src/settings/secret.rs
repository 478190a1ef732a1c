use std::fmt;
use std::path::{Path, PathBuf};

use remint_secret_file::read_to_string;
use zeroize::Zeroizing;

use super::node::{Node, Table, Value};
use super::setting::{Setting, World, Wrong};
use super::value::{quoted, text};

/// A secret: text, `{ env = "…" }` or `{ file = "…" }`. It is shown nowhere.
#[derive(Clone)]
pub(crate) struct Secret {
    text: Zeroizing<String>,
    /// Where it was found, which is no secret.
    shown: String,
    file: Option<PathBuf>,
}

impl Secret {
    pub(crate) fn expose_secret(&self) -> &str {
        &self.text
    }

    /// The file that it was read from, if it was.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Setting for Secret {
    /// A comma may be part of it.
    const SPLIT: bool = false;

    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        if matches!(node.value, Value::Text(_)) {
            world.holds_secret(&node.origin);
        }
        Self::find(node, world)
    }

    fn toml(&self) -> String {
        self.shown.clone()
    }
}

impl Secret {
    /// What may be a secret, or not.
    pub(super) fn find(node: &Node, world: &World) -> Result<Self, Wrong> {
        let (found, shown, file) = match &node.value {
            Value::Text(text) | Value::Raw(text) => (Zeroizing::new(text.clone()), quoted(MASK), None),
            Value::Table(members) => referred(members, world)?,
            other => return Err(Wrong::because(format!("it is {}; {FORMS}", other.kind()))),
        };
        // White space around a secret is the editor's that wrote the file.
        match found.trim() {
            "" => Err(Wrong::because("it is empty")),
            MASK => Err(Wrong::because("it is the mask that --print-config writes, not a secret")),
            secret => Ok(Self { text: Zeroizing::new(secret.to_owned()), shown, file }),
        }
    }
}

fn referred(members: &Table, world: &World) -> Result<(Zeroizing<String>, String, Option<PathBuf>), Wrong> {
    let mut members = members.iter();
    let (Some((way, node)), None) = (members.next(), members.next()) else {
        return Err(Wrong::because(FORMS));
    };
    let name = text(node)?;
    if name.is_empty() {
        return Err(Wrong::because(format!("its `{}` names nothing", super::value::key(way))));
    }
    let shown = format!("{{ {} = {} }}", super::value::key(way), quoted(name));
    let found = match way.as_str() {
        "env" => match world.variables.get(name) {
            Some(text) => Zeroizing::new(text.clone()),
            None => return Err(Wrong::because(format!("{name} is not set"))),
        },
        "file" => read_to_string(world.folder.join(name), MAX_LEN).map_err(Wrong::because)?,
        _ => return Err(Wrong::because(FORMS)),
    };
    let file = (way == "file").then(|| world.folder.join(name));
    Ok((found, shown, file))
}

const MASK: &str = "***";
const FORMS: &str = "a secret is a text, { env = \"NAME\" } or { file = \"PATH\" }";
const MAX_LEN: u64 = 64 * 1024;
