use http::{HeaderMap, HeaderName, HeaderValue};

use super::node::{Node, Value};
use super::secret::Secret;
use super::setting::{Setting, World, Wrong};
use super::value::key;

/// Headers that are sent where a key set is fetched: a table of names with secrets.
#[derive(Debug, Clone, Default)]
pub(super) struct JwksHeaders(pub(super) Vec<(HeaderName, Secret)>);

impl JwksHeaders {
    pub(super) fn to_map(&self) -> HeaderMap {
        let value = |secret: &Secret| HeaderValue::from_str(secret.expose_secret()).ok();
        self.0.iter().filter_map(|(name, secret)| Some((name.clone(), value(secret)?))).collect()
    }
}

impl Setting for JwksHeaders {
    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        let members = match &node.value {
            Value::Table(members) => members,
            // As an empty list of names.
            Value::List(items) if items.is_empty() => return Ok(Self::default()),
            other => {
                let forms = "it is a table such as { Authorization = { file = \"PATH\" } }";
                return Err(Wrong::because(format!("{forms}, not {}", other.kind())));
            }
        };
        let mut headers = Vec::new();
        for (name, node) in members {
            let named = |message: String| Wrong { message, origin: Some(node.origin.clone()) };
            let header = name.parse::<HeaderName>().map_err(|error| named(format!("{}: {error}", key(name))))?;
            let secret = Secret::read(node, world).map_err(|wrong| named(format!("{header}: {}", wrong.message)))?;
            if HeaderValue::from_str(secret.expose_secret()).is_err() {
                return Err(named(format!("{header}: a header's value has no line ends and is ASCII")));
            }
            headers.push((header, secret));
        }
        Ok(Self(headers))
    }

    fn toml(&self) -> String {
        let shown = self.0.iter().map(|(name, secret)| format!("{} = {}", key(name.as_str()), secret.toml()));
        match shown.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "{}".to_owned(),
            some => format!("{{ {some} }}"),
        }
    }
}
