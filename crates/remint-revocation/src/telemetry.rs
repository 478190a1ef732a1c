//! What operators see of the log and of the table.

use std::time::Duration;

use metrics::{counter, gauge, histogram};
use remint_core::{LoggedRevocation, Target, Timestamp};

use crate::RevocationTable;

/// One row of the log was read, at this moment.
pub(crate) fn read(row: &LoggedRevocation, now: Timestamp) {
    counter!("remint_revocation_rows_total", "target" => kind(&row.revocation.target)).increment(1);
    histogram!("remint_revocation_propagation_seconds")
        .record(now.saturating_duration_since(row.logged_at).as_secs_f64());
}

/// The log was read to its end.
pub(crate) fn in_step(table: &RevocationTable, position: u64, now: Timestamp) {
    gauge!("remint_revocation_read_position").set(position as f64);
    gauge!("remint_revocation_last_read_timestamp_seconds").set(now.as_millis() as f64 / 1000.0);
    gauge!("remint_revocation_blind_seconds").set(0.0);
    gauge!("remint_revocation_table_rows").set(table.rows() as f64);
    gauge!("remint_revocation_table_bytes").set(table.bytes() as f64);
}

/// The log has not answered for so long.
pub(crate) fn blind(since: Duration) {
    gauge!("remint_revocation_blind_seconds").set(since.as_secs_f64());
}

/// Rows were missed, or history was rewritten: caches were emptied.
pub(crate) fn gap() {
    counter!("remint_revocation_gaps_total").increment(1);
}

/// What is in force was read from the beginning.
pub(crate) fn snapshot() {
    counter!("remint_revocation_snapshots_total").increment(1);
}

const fn kind(target: &Target) -> &'static str {
    match target {
        Target::Key(_) => "key",
        Target::User(_) => "user",
        Target::Client(_) => "client",
        Target::Subject { .. } => "subject",
        Target::Session { .. } => "session",
        Target::Issuer(_) => "issuer",
        Target::Tenant(_) => "tenant",
        Target::Token { .. } | Target::SigningInput(_) => "token",
        Target::Credential { .. } => "credential",
        Target::Everything => "everything",
        _ => "other",
    }
}
