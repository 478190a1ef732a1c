use http::{HeaderMap, HeaderName, HeaderValue};
use remint_core::with_causes;
use remint_keyset::RotatingHeaders;

use super::node::{Node, Value};
use super::secret::Secret;
use super::setting::{Setting, World, Wrong};
use super::value::key;

/// Headers that are sent where a key set is fetched: a table of names with secrets.
#[derive(Debug, Clone, Default)]
pub(super) struct JwksHeaders(pub(super) Vec<(HeaderName, Secret)>);

impl JwksHeaders {
    /// The headers. Those in files are read again whenever the key set is fetched.
    pub(super) fn rotating(&self) -> Result<RotatingHeaders, String> {
        let mut fixed = HeaderMap::new();
        let mut files = Vec::new();
        for (name, secret) in &self.0 {
            match secret.file() {
                Some(path) => files.push((name.clone(), path.to_owned())),
                None => _ = HeaderValue::from_str(secret.expose_secret()).map(|value| fixed.append(name, value)),
            }
        }
        RotatingHeaders::with_files(fixed, files).map_err(|error| with_causes(&error))
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
            let text = secret.expose_secret();
            if !text.is_ascii() || HeaderValue::from_str(text).is_err() {
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
