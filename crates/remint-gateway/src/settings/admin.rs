use remint_identity_service::BootstrapKey;

use super::node::{Node, Value};
use super::secret::Secret;
use super::section::Section;
use super::setting::{Setting, World, Wrong};

/// `[admin]`: the first key, before there is any in the store.
#[derive(Debug, Clone)]
pub(crate) struct Bootstrap {
    pub(crate) key: BootstrapKey,
    /// Whether `listen.http` takes it.
    pub(crate) on_http: bool,
}

impl Bootstrap {
    /// Nothing for a command: none uses the bootstrap key, and the secret may be where the command is not.
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        if section.book.world.is_for_command {
            drop(section.optional::<Unread>("bootstrap_key", ""));
            drop(section.optional::<Unread>("bootstrap_on_http", ""));
            section.finish();
            return None;
        }
        let secret = section.optional::<Secret>("bootstrap_key", "the first administrator is made at the command line");
        let on_http = section.or("bootstrap_on_http", true);
        let bootstrap = secret.and_then(|secret| match BootstrapKey::new(secret.expose_secret()) {
            Ok(key) => Some(Self { key, on_http: on_http.value }),
            Err(error) => {
                section.problem(&secret.origin, format!("`admin.bootstrap_key`: {error}"));
                None
            }
        });
        section.finish();
        bootstrap
    }
}

/// A setting that is known here, and not used.
struct Unread;

impl Setting for Unread {
    const SPLIT: bool = false;

    /// A secret that stands in the file is one all the same.
    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        if matches!(node.value, Value::Text(_)) {
            world.holds_secret(&node.origin);
        }
        Ok(Self)
    }

    fn toml(&self) -> String {
        String::new()
    }
}
