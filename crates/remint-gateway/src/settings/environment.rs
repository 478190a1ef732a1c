//! Settings as variables: `REMINT__SECTION__KEY`, and `REMINT__TRUST__0__ISSUER` in lists.

use std::collections::BTreeMap;

use super::node::{Node, Table, Value};
use super::origin::Origin;
use super::problem::Problem;

/// Puts every `REMINT__` variable in its place in the tree; it wins over the file.
pub(crate) fn overlay(tree: &mut Table, variables: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut settings: Vec<_> =
        variables.iter().filter_map(|(name, text)| Some((path(name.strip_prefix(PREFIX)?), name, text))).collect();
    // `…__10` comes after `…__2`, and `…__X` before `…__X__FILE`.
    settings.sort();
    let mut problems = Vec::new();
    for (path, name, text) in settings {
        let origin = Origin::Variable(name.clone());
        let leaf = Node { value: Value::Raw(text.clone()), origin: origin.clone() };
        if let Err(message) = put(tree, &path, leaf) {
            problems.push(Problem::new(origin, message));
        }
    }
    problems
}

/// The variable of the setting at this path.
pub(crate) fn variable(path: &str) -> String {
    let name = path.replace(['.', '['], SEPARATOR).replace(']', "");
    format!("{PREFIX}{}", name.to_uppercase())
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(usize),
    Key(String),
}

fn path(name: &str) -> Vec<Step> {
    let step = |part: &str| match part.parse() {
        Ok(index) if part.bytes().all(|byte| byte.is_ascii_digit()) => Step::Index(index),
        _ => Step::Key(part.to_lowercase()),
    };
    name.split(SEPARATOR).map(step).collect()
}

fn put(table: &mut Table, path: &[Step], leaf: Node) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else { return Err(NOT_A_SETTING.to_owned()) };
    let key = match first {
        Step::Key(key) if key.is_empty() => return Err(NOT_A_SETTING.to_owned()),
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    };
    if rest.is_empty() {
        if SECRET_KEYS.contains(&key.as_str()) {
            // Where a secret is found is one value: the file's way to it does not stay beside this one.
            let of_file = |node: &Node| !matches!(node.origin, Origin::Variable(_));
            table.retain(|other, node| !(SECRET_KEYS.contains(&other.as_str()) && of_file(node)));
        }
        table.insert(key, leaf);
        return Ok(());
    }
    let origin = leaf.origin.clone();
    let place = table.entry(key).or_insert_with(|| empty(rest, &origin));
    descend(place, rest, leaf)
}

fn descend(place: &mut Node, path: &[Step], leaf: Node) -> Result<(), String> {
    if let (Value::Raw(_), Origin::Variable(other)) = (&place.value, &place.origin) {
        return Err(format!("{other} is set too: which one is meant?"));
    }
    if !matches!(place.value, Value::List(_) | Value::Table(_)) {
        *place = empty(path, &leaf.origin);
    }
    match &mut place.value {
        Value::Table(members) => put(members, path, leaf),
        Value::List(items) => put_item(items, path, leaf),
        _ => Err(NOT_A_SETTING.to_owned()),
    }
}

fn put_item(items: &mut Vec<Node>, path: &[Step], leaf: Node) -> Result<(), String> {
    let Some((Step::Index(index), rest)) = path.split_first() else {
        return Err("a list has numbered items, counted from 0".to_owned());
    };
    let count = items.len();
    if *index > count {
        return Err(format!("item {index} without an item {count}: the list has {count} so far"));
    }
    if *index == count {
        items.push(if rest.is_empty() { leaf.clone() } else { empty(rest, &leaf.origin) });
    }
    match items.get_mut(*index) {
        Some(item) if rest.is_empty() => *item = leaf,
        Some(item) => descend(item, rest, leaf)?,
        None => {}
    }
    Ok(())
}

/// What holds the first step of a path.
fn empty(path: &[Step], origin: &Origin) -> Node {
    let value = match path.first() {
        Some(Step::Index(_)) => Value::List(Vec::new()),
        _ => Value::Table(Table::new()),
    };
    Node { value, origin: origin.clone() }
}

const PREFIX: &str = "REMINT__";
const SEPARATOR: &str = "__";
const SECRET_KEYS: [&str; 2] = ["env", "file"];
const NOT_A_SETTING: &str = "a setting is named REMINT__SECTION__KEY";
