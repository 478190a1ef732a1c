use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Map, Value};

use super::args::ImportArgs;
use super::row::Row;
use crate::failure::Failure;

/// Reads a CSV file with a header, or one JSON object a line.
pub(super) fn read(path: &Path, args: &ImportArgs) -> Result<Vec<Row>, Failure> {
    if args.user_column.is_some() {
        return Err(Failure::refused("--user-column is for databases; in a file the column is named `user`"));
    }
    let what = || format!("{} cannot be read", path.display());
    let file = File::open(path).map_err(|error| Failure::Refused(format!("{}: {error}", what())))?;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => csv(file),
        Some("jsonl") => jsonl(file),
        _ => return Err(Failure::refused("--from: a file ends in .csv or .jsonl")),
    }
    .map_err(|message| Failure::Refused(format!("{}: {message}", what())))
}

fn csv(file: File) -> Result<Vec<Row>, String> {
    let mut reader = csv::Reader::from_reader(file);
    let names: Vec<String> = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let mut row = Row::default();
        for (name, value) in names.iter().zip(record.iter()).filter(|(_, value)| !value.is_empty()) {
            *member(&mut row, name)? = Some(value.to_owned());
        }
        rows.push(row);
    }
    Ok(rows)
}

fn jsonl(file: File) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|error| error.to_string())?;
        if line.trim().is_empty() {
            continue;
        }
        let members: Map<String, Value> =
            serde_json::from_str(&line).map_err(|_| format!("line {} is no JSON object", index + 1))?;
        let mut row = Row::default();
        for (name, value) in members {
            *member(&mut row, &name)? = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                Value::Bool(flag) => Some(flag.to_string()),
                _ => return Err(format!("line {}: `{name}` is no text", index + 1)),
            };
        }
        rows.push(row);
    }
    Ok(rows)
}

fn member<'a>(row: &'a mut Row, name: &str) -> Result<&'a mut Option<String>, String> {
    Ok(match name {
        "start" => &mut row.start,
        "digest" => &mut row.digest,
        "scheme" => &mut row.scheme,
        "user" => &mut row.user,
        "environment" => &mut row.environment,
        "name" => &mut row.name,
        "scopes" => &mut row.scopes,
        "roles" => &mut row.roles,
        "created" => &mut row.created,
        "expires" => &mut row.expires,
        "revoked" => &mut row.revoked,
        _ => return Err(format!("there is no column `{name}`: {COLUMNS}")),
    })
}

const COLUMNS: &str = "digest, scheme, user, start, environment, name, scopes, roles, created, expires, revoked";
