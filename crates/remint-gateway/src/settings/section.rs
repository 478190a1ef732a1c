use std::ops::Deref;
use std::str::FromStr;

use super::environment::variable;
use super::node::{Node, Table, Value};
use super::origin::Origin;
use super::problem::{Problem, meant};
use super::setting::{Setting, World};
use super::shown::Shown;

/// What was read so far: the problems with it, and how it is shown.
pub(crate) struct Book<'a> {
    pub(crate) world: &'a World,
    pub(crate) problems: Vec<Problem>,
    pub(crate) shown: Shown,
}

/// A value and where it was set.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A section that is being read. Each read makes its key known; what is left at the end is unknown.
pub(crate) struct Section<'a, 'b> {
    path: String,
    /// The path as a header names it: without the numbers of blocks.
    header: String,
    members: Table,
    known: Vec<&'static str>,
    pub(crate) book: &'a mut Book<'b>,
}

impl<'a, 'b> Section<'a, 'b> {
    pub(crate) fn root(tree: Table, book: &'a mut Book<'b>) -> Self {
        Self { path: String::new(), header: String::new(), members: tree, known: Vec::new(), book }
    }

    /// One that stands by itself, under a header of this name.
    pub(crate) fn at(header: &str, tree: Table, book: &'a mut Book<'b>) -> Self {
        Self { header: header.to_owned(), ..Self::root(tree, book) }
    }

    /// The section of this name; empty if it is absent.
    pub(crate) fn section(&mut self, key: &'static str) -> Section<'_, 'b> {
        let node = self.take(key);
        let header = joined(&self.header, key);
        self.book.shown.section(&format!("[{header}]"));
        self.opened(self.path_of(key), header, node)
    }

    /// The sections of a list, such as `[[trust]]`.
    pub(crate) fn list<T>(&mut self, key: &'static str, mut read: impl FnMut(Section<'_, 'b>) -> T) -> Vec<T> {
        let (path, header) = (self.path_of(key), joined(&self.header, key));
        let items = match self.take(key) {
            None => Vec::new(),
            Some(Node { value: Value::List(items), .. }) => items,
            Some(node) => {
                let message = format!("`{path}` is {}; each of its blocks begins with [[{header}]]", node.value.kind());
                self.problem(&node.origin, message);
                Vec::new()
            }
        };
        let mut all = Vec::new();
        for (index, node) in items.into_iter().enumerate() {
            self.book.shown.section(&format!("[[{header}]]"));
            all.push(read(self.opened(format!("{path}[{index}]"), header.clone(), Some(node))));
        }
        all
    }

    /// The sections below one, such as `[plans.NAME]`, with their names.
    pub(crate) fn named<N: FromStr<Err: ToString>, T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(Section<'_, 'b>) -> T,
    ) -> Vec<(N, T)> {
        let (path, header) = (self.path_of(key), joined(&self.header, key));
        let members = match self.take(key) {
            None => Table::new(),
            Some(Node { value: Value::Table(members), .. }) => members,
            Some(node) => {
                let message =
                    format!("`{path}` is {}; each of its sections begins with [{header}.NAME]", node.value.kind());
                self.problem(&node.origin, message);
                Table::new()
            }
        };
        let mut all = Vec::new();
        for (name, node) in members {
            let header = joined(&header, &super::value::key(&name));
            self.book.shown.section(&format!("[{header}]"));
            let parsed = name.parse().map_err(|error: N::Err| {
                self.problem(&node.origin, format!("`{header}`: {}", error.to_string()));
            });
            let value = read(self.opened(joined(&path, &name), header, Some(node)));
            all.extend(parsed.ok().map(|name| (name, value)));
        }
        all
    }

    fn opened(&mut self, path: String, header: String, node: Option<Node>) -> Section<'_, 'b> {
        let members = match node {
            None => Table::new(),
            Some(Node { value: Value::Table(members), .. }) => members,
            Some(node) => {
                self.problem(&node.origin, format!("`{path}` is {}, not a section", node.value.kind()));
                Table::new()
            }
        };
        Section { path, header, members, known: Vec::new(), book: &mut *self.book }
    }

    /// A setting with a default.
    pub(crate) fn or<T: Setting>(&mut self, key: &'static str, default: T) -> At<T> {
        let standard = default.toml();
        let set = self.read(key).flatten();
        let at = set.unwrap_or(At { value: default, origin: Origin::Default });
        self.book.shown.value(key, &at.toml(), Some(&standard));
        at
    }

    /// A setting that is absent unless set; `absent` says what that means.
    pub(crate) fn optional<T: Setting>(&mut self, key: &'static str, absent: &str) -> Option<At<T>> {
        let set = self.read::<T>(key).flatten();
        match &set {
            Some(at) => self.book.shown.value(key, &at.toml(), None),
            None => self.book.shown.absent(key, absent),
        }
        set
    }

    /// A setting that must be there.
    pub(crate) fn required<T: Setting>(&mut self, key: &'static str, section: &Origin) -> Option<At<T>> {
        let read = self.read::<T>(key);
        if read.is_none() {
            let message = format!("`{}` is missing", self.path_of(key));
            self.problem(section, message);
        }
        let at = read.flatten()?;
        self.book.shown.value(key, &at.toml(), None);
        Some(at)
    }

    /// A setting that this version does not implement.
    pub(crate) fn later(&mut self, key: &'static str) {
        if let Some(node) = self.take(key) {
            let message = format!("this version does not implement `{}` yet", self.path_of(key));
            self.problem(&node.origin, message);
        }
    }

    /// Texts under names that are the operator's own.
    pub(crate) fn texts(mut self) -> Vec<(String, At<String>)> {
        let mut all = Vec::new();
        for (name, node) in std::mem::take(&mut self.members) {
            match String::read(&node, self.book.world) {
                Ok(value) => {
                    let at = At { value, origin: node.origin };
                    self.book.shown.value(&super::value::key(&name), &at.toml(), None);
                    all.push((name, at));
                }
                Err(wrong) => {
                    let message = format!("`{}`: {}", joined(&self.path, &name), wrong.message);
                    self.problem(&node.origin, message);
                }
            }
        }
        all
    }

    /// Where something stands under this key, if it does.
    pub(crate) fn place(&mut self, key: &'static str) -> Option<Origin> {
        self.known.push(key);
        self.members.get(key).map(|node| node.origin.clone())
    }

    /// The text that is set in a section which is read later.
    pub(crate) fn text_at(&self, section: &str, key: &str) -> Option<String> {
        match &self.members.get(section)?.value {
            Value::Table(members) => super::value::text(members.get(key)?).ok().map(str::to_owned),
            _ => None,
        }
    }

    /// What has no meaning where another section is there.
    pub(crate) fn not_beside(&mut self, key: &'static str, other: &str) {
        if let Some(node) = self.take(key) {
            let message = format!("`{}` means nothing beside `[{other}]`: it is set at the server", self.path_of(key));
            self.problem(&node.origin, message);
        }
    }

    /// Where the section begins: at the first of its keys.
    pub(crate) fn origin(&self) -> Origin {
        self.members.values().map(|node| node.origin.clone()).min().unwrap_or(Origin::Default)
    }

    /// Something is wrong with what stands there.
    pub(crate) fn problem(&mut self, origin: &Origin, message: impl Into<String>) {
        self.book.problems.push(Problem::new(origin.clone(), message));
    }

    /// What was not asked for is unknown.
    pub(crate) fn finish(mut self) {
        for (key, node) in std::mem::take(&mut self.members) {
            let meant = meant(&key, self.known.iter().copied());
            let mut origins = Vec::new();
            origins_of(&node, &mut origins);
            for origin in origins {
                let message = match &origin {
                    Origin::Variable(name) => {
                        let rest = name.get(variable(&self.path_of(&key)).len()..).unwrap_or_default();
                        let meant = meant.map(|key| format!("; did you mean {}{rest}?", variable(&self.path_of(key))));
                        format!("no such setting{}", meant.unwrap_or_default())
                    }
                    _ => {
                        let place = if self.path.is_empty() { "there is" } else { &format!("`{}` has", self.path) };
                        let meant = meant.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default();
                        format!("{place} no setting `{}`{meant}", super::value::key(&key))
                    }
                };
                self.problem(&origin, message);
            }
        }
    }

    /// `None` if it is absent, `Some(None)` if it is wrong.
    fn read<T: Setting>(&mut self, key: &'static str) -> Option<Option<At<T>>> {
        let node = self.take(key)?;
        match T::read(&node, self.book.world) {
            Ok(value) => Some(Some(At { value, origin: node.origin })),
            Err(wrong) => {
                let message = format!("`{}`: {}", self.path_of(key), wrong.message);
                self.problem(&wrong.origin.unwrap_or(node.origin), message);
                Some(None)
            }
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Node> {
        self.known.push(key);
        self.members.remove(key)
    }

    fn path_of(&self, key: &str) -> String {
        joined(&self.path, key)
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The line of an unknown setting, and every variable that has a part in it.
fn origins_of(node: &Node, found: &mut Vec<Origin>) {
    let is_variable = |origin: &Origin| matches!(origin, Origin::Variable(_));
    match &node.value {
        Value::Table(members) => {
            if !is_variable(&node.origin) {
                found.push(node.origin.clone());
            }
            members.values().for_each(|member| variables_of(member, found));
        }
        _ => found.push(node.origin.clone()),
    }
}

fn variables_of(node: &Node, found: &mut Vec<Origin>) {
    match &node.value {
        Value::Table(members) => members.values().for_each(|member| variables_of(member, found)),
        Value::List(items) => items.iter().for_each(|item| variables_of(item, found)),
        _ if matches!(node.origin, Origin::Variable(_)) => found.push(node.origin.clone()),
        _ => {}
    }
}
