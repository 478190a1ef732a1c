use serde_json::Value;

use crate::header::redacted;

/// Rows of a name and a value.
pub(crate) type Rows = Vec<(String, String)>;

/// The rows as lines, their values in one column.
pub(crate) fn aligned(rows: &Rows) -> impl Iterator<Item = (String, &str)> {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    rows.iter().map(move |(name, value)| (format!("{name:width$}"), value.as_str()))
}

/// What the service behind saw: the caller, and the headers as they came.
pub(crate) fn seen(answer: &Value) -> Rows {
    let caller = answer.get("caller").and_then(Value::as_object).cloned().unwrap_or_default();
    let (first, rest): (Vec<_>, Vec<_>) = caller.iter().partition(|(name, _)| FIRST.contains(&name.as_str()));
    let first = FIRST.iter().filter_map(|name| first.iter().find(|(found, _)| found == name));
    let said = first.chain(&rest).filter(|(_, value)| !is_empty(value));
    let mut rows: Rows = said.map(|(name, value)| ((*name).clone(), plain(value))).collect();
    for (name, values) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let shown = if name == "authorization" { redacted(value) } else { value.to_owned() };
            rows.push((format!("header {name}"), shown));
        }
    }
    rows
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(members) => {
            let kind = members.get("kind").map(plain);
            let others = members.iter().filter(|(name, _)| *name != "kind");
            let others = others.map(|(name, value)| format!("{name} {}", plain(value)));
            kind.into_iter().chain(others).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

const FIRST: [&str; 5] = ["subject", "tenant", "env", "scopes", "credential"];
