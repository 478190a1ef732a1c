//! What is printed for an operator.

use std::io::{Write, stderr, stdout};
use std::time::{Duration, UNIX_EPOCH};

use remint::Timestamp;
use remint_postgres::UnverifiedServer;

use crate::failure::Failure;

pub(crate) fn print(text: &str) -> Result<(), Failure> {
    Ok(writeln!(stdout(), "{}", text.trim_end_matches('\n'))?)
}

/// Tells an operator that nobody checks which database answers at this address, if that is so.
pub(crate) fn caution_unverified(url: &str) {
    if let Some(unverified) = UnverifiedServer::at(url) {
        _ = writeln!(stderr(), "warning: {unverified}");
    }
}

/// Columns as wide as what stands in them. What a store holds cannot move the cursor.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{:width$}", printable(cell)));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// RFC 3339, in UTC, to the millisecond. The years end at 9999.
pub(crate) fn time(moment: Timestamp) -> String {
    let since = Duration::from_millis(moment.as_millis().min(LAST_MILLI));
    humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string()
}

/// 9999-12-31T23:59:59.999Z.
const LAST_MILLI: u64 = 253_402_300_799_999;
