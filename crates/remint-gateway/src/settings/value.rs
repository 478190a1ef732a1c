//! What settings are made of: texts, numbers, lists, durations, sizes, addresses.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;
use remint::{Algorithm, Audience, ClientId, Environment, IssuerId, Network, PlanName, TenantId, UserId};
use remint_apikey::TextFormat;

use super::node::{Node, Value, parse_value};
use super::problem::meant;
use super::setting::{Setting, World, Wrong};

/// The text of a node.
pub(crate) fn text(node: &Node) -> Result<&str, Wrong> {
    match &node.value {
        Value::Text(text) | Value::Raw(text) => Ok(text),
        other => Err(Wrong::because(format!("it is {}, not a text", other.kind()))),
    }
}

/// A text as TOML writes it.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A key as TOML writes it.
pub(crate) fn key(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !text.is_empty() && text.bytes().all(plain) { text.to_owned() } else { quoted(text) }
}

impl Setting for String {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        text(node).map(str::to_owned)
    }

    fn toml(&self) -> String {
        quoted(self)
    }
}

/// A path; a relative one begins in the folder of the settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilePath {
    written: String,
    pub(crate) path: PathBuf,
}

impl FilePath {
    pub(crate) fn new(written: &str, world: &World) -> Self {
        Self { written: written.to_owned(), path: world.folder.join(written) }
    }
}

impl Setting for FilePath {
    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        match text(node)? {
            "" => Err(Wrong::because("a path is not empty")),
            written => Ok(Self::new(written, world)),
        }
    }

    fn toml(&self) -> String {
        quoted(&self.written)
    }
}

impl Setting for bool {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        match &node.value {
            Value::Boolean(value) => Ok(*value),
            Value::Raw(text) if text == "true" => Ok(true),
            Value::Raw(text) if text == "false" => Ok(false),
            other => Err(Wrong::because(format!("it is {}, not `true` or `false`", other.kind()))),
        }
    }

    fn toml(&self) -> String {
        self.to_string()
    }
}

impl Setting for u64 {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        match &node.value {
            Value::Integer(digits) | Value::Raw(digits) => {
                digits.parse().map_err(|_| Wrong::because("it is not a whole number, 0 or greater"))
            }
            other => Err(Wrong::because(format!("it is {}, not a number", other.kind()))),
        }
    }

    fn toml(&self) -> String {
        self.to_string()
    }
}

impl<T: Setting> Setting for Vec<T> {
    /// In a variable: a TOML (or JSON) array, or texts with commas between them.
    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        let nodes = match &node.value {
            Value::List(items) => items.clone(),
            Value::Raw(text) if text.trim_start().starts_with('[') => match parse_value(text, &node.origin) {
                Some(Value::List(items)) => items,
                _ => return Err(Wrong::because("it begins like an array and is none")),
            },
            Value::Raw(_) if !T::SPLIT => {
                return Err(Wrong::because("its items have variables of their own, which end in __0, __1 …"));
            }
            Value::Raw(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| Node { value: Value::Raw(part.to_owned()), origin: node.origin.clone() }).collect()
            }
            other => return Err(Wrong::because(format!("it is {}, not a list", other.kind()))),
        };
        let item =
            |node: &Node| T::read(node, world).map_err(|wrong| Wrong { origin: Some(node.origin.clone()), ..wrong });
        nodes.iter().map(item).collect()
    }

    fn toml(&self) -> String {
        format!("[{}]", self.iter().map(Setting::toml).collect::<Vec<_>>().join(", "))
    }
}

impl Setting for Duration {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let wrong = || Wrong::because("a duration is a text such as \"30s\", \"5m\" or \"24h\"");
        let text = text(node).map_err(|_| wrong())?;
        humantime::parse_duration(text).map_err(|_| wrong())
    }

    fn toml(&self) -> String {
        quoted(&duration(*self))
    }
}

/// In the largest unit up to hours that divides it.
pub(crate) fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match [(3_600_000, "h"), (60_000, "m"), (1000, "s")].into_iter().find(|(unit, _)| millis.is_multiple_of(*unit)) {
        Some(_) if millis == 0 => "0s".to_owned(),
        Some((unit, name)) => format!("{}{name}", millis / unit),
        None => format!("{millis}ms"),
    }
}

/// A number of bytes: `"64MiB"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl Setting for Size {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let wrong = || Wrong::because("a size is a text such as \"512KiB\", \"64MiB\" or \"1GiB\"");
        let text = text(node).map_err(|_| wrong())?;
        let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let unit = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(wrong)?;
        let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit.1));
        bytes.map(Self).ok_or_else(wrong)
    }

    fn toml(&self) -> String {
        let unit = UNITS.iter().rev().find(|(_, bytes)| self.0 > 0 && self.0.is_multiple_of(*bytes));
        unit.map_or_else(|| quoted("0B"), |(name, bytes)| quoted(&format!("{}{name}", self.0 / bytes)))
    }
}

/// Where to listen; nowhere if it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listener(pub(crate) Option<SocketAddr>);

impl Setting for Listener {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        match text(node)? {
            "" => Ok(Self(None)),
            text => {
                let address = text.parse().map_err(|_| {
                    Wrong::because("it is not an address and a port, such as \"127.0.0.1:8480\"; \"\" turns it off")
                })?;
                Ok(Self(Some(address)))
            }
        }
    }

    fn toml(&self) -> String {
        quoted(&self.0.map(|address| address.to_string()).unwrap_or_default())
    }
}

impl Setting for Algorithm {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let text = text(node)?;
        text.parse().map_err(|error| {
            let meant = meant(text, Self::ALL.iter().map(|known| known.as_str()));
            let meant = meant.map(|known| format!("; did you mean \"{known}\"?")).unwrap_or_default();
            Wrong::because(format!("{error}, not {}{meant}", quoted(text)))
        })
    }

    fn toml(&self) -> String {
        quoted(self.as_str())
    }
}

/// Which one of these words it is.
pub(crate) fn one_of(text: &str, words: &[&str]) -> Result<usize, Wrong> {
    words.iter().position(|word| *word == text).ok_or_else(|| {
        let all = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
        let meant = meant(text, words.iter().copied());
        let meant = meant.map(|word| format!("; did you mean \"{word}\"?")).unwrap_or_default();
        Wrong::because(format!("it is one of {all}, not {}{meant}", quoted(text)))
    })
}

macro_rules! parsed {
    ($($type:ty),*) => {
        $(impl Setting for $type {
            fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
                let text = text(node)?;
                text.parse().map_err(|error| Wrong::because(format!("{error}, not {}", quoted(text))))
            }

            fn toml(&self) -> String {
                quoted(&self.to_string())
            }
        })*
    };
}

parsed!(Audience, ClientId, Environment, HeaderName, IssuerId, Network, PlanName, TenantId, TextFormat, UserId);

const UNITS: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
