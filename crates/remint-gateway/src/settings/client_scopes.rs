use remint::Scopes;

use super::node::Node;
use super::setting::{Setting, World, Wrong};

/// A list of scopes.
#[derive(Debug, Clone)]
pub(super) struct ClientScopes(pub(super) Scopes);

impl Setting for ClientScopes {
    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        let texts = Vec::<String>::read(node, world)?;
        Scopes::try_from_iter(texts.iter().map(String::as_str)).map(Self).map_err(Wrong::because)
    }

    fn toml(&self) -> String {
        self.0.iter().map(str::to_owned).collect::<Vec<_>>().toml()
    }
}
