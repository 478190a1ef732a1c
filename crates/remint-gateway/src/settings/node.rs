use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::origin::Origin;
use super::problem::Problem;

/// A value that was set, and where. It may be a secret, so it has no `Debug`.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

#[derive(Clone)]
pub(crate) enum Value {
    /// A text of the file.
    Text(String),
    /// The text of a variable: what it means is for the setting to say.
    Raw(String),
    Integer(String),
    Boolean(bool),
    List(Vec<Node>),
    Table(Table),
    /// What no setting is.
    Other(&'static str),
}

pub(crate) type Table = BTreeMap<String, Node>;

/// The tree of a settings file.
pub(crate) fn parse(text: &str) -> Result<Table, Problem> {
    let lines = Lines(text);
    match DeTable::parse(text) {
        Ok(table) => Ok(lines.table(table.into_inner())),
        Err(error) => {
            let origin = error.span().map_or(Origin::Default, |span| lines.at(span.start));
            Err(Problem::new(origin, error.message()))
        }
    }
}

/// The value of a TOML text in a variable.
pub(crate) fn parse_value(text: &str, origin: &Origin) -> Option<Value> {
    let value = DeValue::parse(text).ok()?.into_inner();
    Some(Lines(text).value(value).at(origin))
}

struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn at(&self, offset: usize) -> Origin {
        let before = self.0.as_bytes().iter().take(offset);
        Origin::Line(1 + before.filter(|byte| **byte == b'\n').count())
    }

    fn table(&self, table: DeTable<'_>) -> Table {
        let members = table.into_iter().map(|(key, value)| {
            let origin = self.at(key.span().start);
            (key.into_inner().into_owned(), Node { value: self.value(value.into_inner()), origin })
        });
        members.collect()
    }

    fn value(&self, value: DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(integer) => Value::Integer(integer.to_string()),
            DeValue::Boolean(boolean) => Value::Boolean(boolean),
            DeValue::Float(_) => Value::Other("a fraction"),
            DeValue::Datetime(_) => Value::Other("a date"),
            DeValue::Table(table) => Value::Table(self.table(table)),
            DeValue::Array(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
        }
    }

    fn node(&self, item: Spanned<DeValue<'_>>) -> Node {
        let origin = self.at(item.span().start);
        Node { value: self.value(item.into_inner()), origin }
    }
}

impl Value {
    /// What it is, for whoever expected something else.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Raw(_) => "a text",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a section",
            Self::Other(kind) => kind,
        }
    }

    fn at(self, origin: &Origin) -> Self {
        let moved = |node: Node| Node { value: node.value.at(origin), origin: origin.clone() };
        match self {
            Self::List(items) => Self::List(items.into_iter().map(moved).collect()),
            Self::Table(members) => Self::Table(members.into_iter().map(|(key, node)| (key, moved(node))).collect()),
            other => other,
        }
    }
}
