use std::io::Read as _;

use remint_jwt::{JwkSet, MAX_SET_LEN};

use super::node::Node;
use super::setting::{Setting, World, Wrong, open_guarded};
use super::value::{quoted, text};

/// The public keys of a client: the path of a key set, or the key set itself.
#[derive(Debug, Clone)]
pub(super) struct ClientKeys {
    set: JwkSet,
    shown: String,
}

impl ClientKeys {
    pub(super) fn into_set(self) -> JwkSet {
        self.set
    }
}

impl Setting for ClientKeys {
    /// A key set has commas.
    const SPLIT: bool = false;

    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        let text = text(node)?.trim();
        if text.is_empty() {
            return Err(Wrong::because("it is empty: a path, or the key set itself"));
        }
        if text.contains("://") {
            return Err(Wrong::because(
                "this version does not fetch the keys of clients: a path, or the key set itself",
            ));
        }
        let is_inline = text.starts_with('{');
        let json = if is_inline { text.as_bytes().to_vec() } else { file(world, text)? };
        let set = JwkSet::parse(&json).map_err(|error| Wrong::because(format!("it is no key set: {error}")))?;
        if let Some(unusable) = set.passed_over().first() {
            let message = format!("key {} of it cannot be used: {}", unusable.index, unusable.reason);
            return Err(Wrong::because(message));
        }
        if set.is_empty() {
            return Err(Wrong::because("there is no key in it"));
        }
        // What is printed has nothing but public members.
        let shown = if is_inline { set.to_json().to_string() } else { text.to_owned() };
        Ok(Self { set, shown })
    }

    fn toml(&self) -> String {
        quoted(&self.shown)
    }
}

fn file(world: &World, path: &str) -> Result<Vec<u8>, Wrong> {
    let unreadable = |error| Wrong::because(format!("{path} cannot be read: {error}"));
    let mut json = Vec::new();
    let file = open_guarded(&world.folder.join(path)).map_err(unreadable)?;
    file.take(MAX_SET_LEN as u64 + 1).read_to_end(&mut json).map_err(unreadable)?;
    Ok(json)
}
