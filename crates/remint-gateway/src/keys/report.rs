use std::io::{Write, stderr};
use std::time::SystemTime;

use serde_json::{Value, json};

use super::KeyView;
use super::import::Outcome;
use crate::failure::Failure;
use crate::terminal::{print, table};

/// What is printed: tables for people, one JSON document for programs.
pub(super) struct Report {
    json: bool,
}

impl Report {
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// A new key, with its text.
    pub(super) fn made(&self, key: &KeyView) -> Result<(), Failure> {
        if self.json {
            return print(&serde_json::to_string_pretty(key).unwrap_or_default());
        }
        let text = key.key.as_ref().map_or("", |text| text.expose_secret());
        let shown = [
            ("key", text.to_owned()),
            ("id", key.id.clone()),
            ("user", key.user.clone()),
            ("name", key.name.clone().unwrap_or_default()),
            ("environment", key.environment.clone()),
            ("scopes", scopes(key)),
            ("without effect", without_effect(key)),
            ("networks", networks(key)),
            ("acts for", key.act_for.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("made by", made_by(key)),
            ("expires", moment(key.expires_at.as_deref(), "never")),
        ];
        let rows = shown.into_iter().filter(|(_, value)| !value.is_empty());
        print(&table(&rows.map(|(name, value)| vec![name.to_owned(), value]).collect::<Vec<_>>()))?;
        // Not part of what a program might read.
        _ = writeln!(stderr(), "The key is shown this once and kept nowhere.");
        Ok(())
    }

    pub(super) fn listed(&self, keys: &[KeyView]) -> Result<(), Failure> {
        if self.json {
            return print(&serde_json::to_string_pretty(&json!({ "items": keys })).unwrap_or_default());
        }
        let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
        rows.extend(keys.iter().map(|key| {
            vec![
                key.id.clone(),
                key.start.clone(),
                key.environment.clone(),
                key.name.clone().unwrap_or_default(),
                state(key).to_owned(),
                scopes(key),
                networks(key),
                made_by(key),
                moment(Some(&key.created_at), ""),
                moment(key.expires_at.as_deref(), "never"),
                moment(key.last_used_at.as_deref(), "never"),
            ]
        }));
        print(&table(&rows))
    }

    pub(super) fn revoked(&self, id: &remint::KeyId, cascade: bool) -> Result<(), Failure> {
        if self.json {
            return print(&json!({ "id": id, "revoked": true, "cascade": cascade }).to_string());
        }
        let also = if cascade { ", with the keys that descend from it" } else { "" };
        print(&format!("{id} is revoked{also}"))
    }

    pub(super) fn imported(&self, outcome: &Outcome) -> Result<(), Failure> {
        if self.json {
            return print(&serde_json::to_string_pretty(outcome).unwrap_or_default());
        }
        let mut rows = vec![
            vec![
                if outcome.dry_run { "would be imported" } else { "imported" }.to_owned(),
                outcome.imported.to_string(),
            ],
            vec!["skipped, already there".to_owned(), outcome.skipped.to_string()],
            vec!["refused".to_owned(), outcome.refused.len().to_string()],
        ];
        if outcome.left_out > 0 {
            let what = "left out, the user was deleted (--restore-deleted)";
            rows.push(vec![what.to_owned(), outcome.left_out.to_string()]);
        }
        if outcome.scopes_without_effect > 0 {
            let what = "with scopes that the user lacks, which have no effect";
            rows.push(vec![what.to_owned(), outcome.scopes_without_effect.to_string()]);
        }
        if !outcome.users_created.is_empty() {
            let what = if outcome.dry_run { "users that would be made" } else { "users made" };
            rows.push(vec![what.to_owned(), outcome.users_created.len().to_string()]);
        }
        if !outcome.roles_kept.is_empty() {
            let what = "users who were there and keep the roles they have";
            rows.push(vec![what.to_owned(), outcome.roles_kept.len().to_string()]);
        }
        print(&table(&rows))?;
        if outcome.refused.is_empty() {
            return Ok(());
        }
        let mut rows = vec![["ROW", "START", "REFUSED BECAUSE"].map(str::to_owned).to_vec()];
        rows.extend(outcome.refused.iter().map(|row| vec![row.row.to_string(), row.start.clone(), row.reason.clone()]));
        print(&format!("\n{}", table(&rows)))
    }
}

fn scopes(key: &KeyView) -> String {
    key.scopes.as_ref().map_or_else(|| "the user's".to_owned(), |scopes| scopes.join(" "))
}

fn without_effect(key: &KeyView) -> String {
    let scopes = key.scopes_without_effect.join(" ");
    if scopes.is_empty() { scopes } else { format!("{scopes} (the user lacks them)") }
}

/// The key that made it, by its id; anything else by its kind.
fn made_by(key: &KeyView) -> String {
    let text = |name: &str| key.made_by.get(name).and_then(Value::as_str);
    text("id").or_else(|| text("kind")).unwrap_or("unknown").to_owned()
}

fn networks(key: &KeyView) -> String {
    if key.networks.is_empty() { "any".to_owned() } else { key.networks.join(" ") }
}

/// To the second, which is enough for people.
fn moment(time: Option<&str>, none: &str) -> String {
    time.map_or(none, |time| time.get(..19).unwrap_or(time)).replace('T', " ")
}

fn state(key: &KeyView) -> &'static str {
    let ended = |end: &String| humantime::parse_rfc3339(end).is_ok_and(|end| end <= SystemTime::now());
    match key {
        KeyView { revoked_at: Some(_), .. } => "revoked",
        KeyView { expires_at: Some(end), .. } if ended(end) => "ended",
        KeyView { rotated_to: Some(_), .. } => "rotated",
        _ => "active",
    }
}

const HEADER: [&str; 11] =
    ["ID", "START", "ENV", "NAME", "STATE", "SCOPES", "NETWORKS", "MADE BY", "CREATED (UTC)", "EXPIRES", "LAST USED"];
