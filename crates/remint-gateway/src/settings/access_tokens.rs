use super::node::Node;
use super::setting::{Setting, World, Wrong};
use super::value::quoted;

/// Whether what else only ID tokens have makes one of an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessTokens {
    Strict,
    Lenient,
}

impl Setting for AccessTokens {
    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        match String::read(node, world)?.as_str() {
            "strict" => Ok(Self::Strict),
            "lenient" => Ok(Self::Lenient),
            _ => Err(Wrong::because("it is neither `strict` nor `lenient`")),
        }
    }

    fn toml(&self) -> String {
        quoted(match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
        })
    }
}
