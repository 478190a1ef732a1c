use remint::{KeyState, KeyStatus, Timestamp};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::terminal::{print, table, time};

/// What is printed: tables for people, one JSON document for programs.
pub(super) struct Report {
    json: bool,
}

impl Report {
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) fn listed(&self, keys: &[KeyStatus]) -> Result<(), Failure> {
        if self.json {
            return document(&json!({ "items": keys.iter().map(member).collect::<Vec<_>>() }));
        }
        let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
        rows.extend(keys.iter().map(|key| {
            vec![
                key.key_id.clone(),
                key.algorithm.map(|algorithm| algorithm.to_string()).unwrap_or_default(),
                key.state.to_string(),
                moment(key.activates_at),
            ]
        }));
        print(&table(&rows))
    }

    pub(super) fn rotated(&self, next: &KeyStatus, made: bool) -> Result<(), Failure> {
        if self.json {
            return document(&json!({ "next": member(next), "made": made }));
        }
        let (id, from) = (&next.key_id, moment(next.activates_at));
        let what = if made { "is published now, and signs" } else { "was waiting already: it signs" };
        print(&format!("{id} {what} from {from} UTC on"))
    }

    pub(super) fn retired(&self, id: &str, left: &[KeyStatus]) -> Result<(), Failure> {
        let signing = left.iter().find(|key| key.state == KeyState::Signing);
        if self.json {
            return document(&json!({ "id": id, "retired": true, "signing": signing.map(member) }));
        }
        let signing = signing.map_or("", |key| &key.key_id);
        print(&format!("{id} is removed; {signing} signs now"))
    }
}

/// A key in JSON: with its public half, which can be published elsewhere.
fn member(key: &KeyStatus) -> Value {
    json!({
        "id": key.key_id,
        "algorithm": key.algorithm.map(remint::Algorithm::as_str),
        "state": key.state.as_str(),
        "activates_at": key.activates_at.map(time),
        "jwk": key.public.to_json(),
    })
}

fn document(document: &Value) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(document).unwrap_or_default())
}

/// To the second, which is all that there is.
fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "always".to_owned(), |at| time(at).get(..19).unwrap_or_default().replace('T', " "))
}

const HEADER: [&str; 4] = ["ID", "ALGORITHM", "STATE", "SIGNS FROM (UTC)"];
