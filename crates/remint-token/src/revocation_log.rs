//! The revocation log of a server, as its clients read it: `GET /v1/revocations`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use remint_core::{Cursor, Effect, LoggedRevocation, Position, Revocation, RowId, Target, TimedBy, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Where the log is, behind the address of the server.
pub const PATH: &str = "/v1/revocations";

/// The member of the server's metadata (RFC 8414 §2) that says where the log is. There is none without a log for
/// others.
pub const METADATA: &str = "remint_revocation_log_endpoint";

/// The type of the problem document (RFC 9457, status 410) for a reader who was not told of everything: the log is
/// another one, or rows were forgotten that this reader has not read.
pub const GAP: &str = "urn:remint:problem:revocation-log-gap";

/// The same for one who has read another history: a backup was restored, or a failover lost rows.
pub const REWRITTEN: &str = "urn:remint:problem:revocation-log-rewritten";

/// How many rows an answer has at most.
pub const MAX_ROWS: usize = 1000;

/// How many targets one question may name.
pub const MAX_TARGETS: usize = 32;

/// How long the server may be asked to wait for a row.
pub const MAX_WAIT: Duration = Duration::from_secs(30);

/// An answer with rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// The rows, in order.
    pub rows: Vec<LogRow>,
    /// From where the reader goes on: after these rows; with what is kept, where the log stood before it was read.
    pub cursor: Cursor,
    /// There is more, after this place: it is there at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// A row as it is written. One with a member or a value that is not known here cannot be read: it might end
/// something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRow {
    pos: Position,
    id: RowId,
    logged_at: Moment,
    target: Target,
    effect: Effect,
    at: Moment,
    #[serde(default)]
    timed_by: TimedBy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<UserId>,
}

impl From<LoggedRevocation> for LogRow {
    fn from(row: LoggedRevocation) -> Self {
        let LoggedRevocation { position, id, logged_at, revocation } = row;
        let Revocation { target, effect, at, timed_by, user } = revocation;
        Self { pos: position, id, logged_at: Moment(logged_at), target, effect, at: Moment(at), timed_by, user }
    }
}

impl From<LogRow> for LoggedRevocation {
    fn from(row: LogRow) -> Self {
        let LogRow { pos, id, logged_at, target, effect, at, timed_by, user } = row;
        let revocation = Revocation { target, effect, at: at.0, timed_by, user };
        Self { position: pos, id, logged_at: logged_at.0, revocation }
    }
}

/// RFC 3339, in UTC, to the millisecond. The years end at 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Moment(Timestamp);

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        let since = Duration::from_millis(moment.0.as_millis().min(LAST_MILLI));
        humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = NoMoment;

    fn try_from(text: String) -> Result<Self, NoMoment> {
        let moment: SystemTime = humantime::parse_rfc3339(&text).map_err(|_| NoMoment)?;
        let since = moment.duration_since(UNIX_EPOCH).map_err(|_| NoMoment)?;
        Ok(Self(Timestamp::from_millis(u64::try_from(since.as_millis()).map_err(|_| NoMoment)?)))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not a moment since 1970 in UTC as RFC 3339 writes it")]
struct NoMoment;

/// 9999-12-31T23:59:59.999Z.
const LAST_MILLI: u64 = 253_402_300_799_999;

#[cfg(test)]
mod tests {
    use remint_core::LogId;
    use serde_json::json;

    use super::*;

    fn page() -> LogPage {
        let revocation = Revocation::ended(Target::Everything, Timestamp::from_millis(1_767_225_600_123));
        let row = LoggedRevocation { position: Position(7), id: RowId(9), logged_at: Timestamp::MAX, revocation };
        let cursor = Cursor { log: LogId::new("a").unwrap(), position: row.position, row: row.id };
        LogPage { rows: vec![row.into()], cursor, next: None }
    }

    #[test]
    fn a_page_is_read_as_it_is_written() {
        let written = serde_json::to_value(page()).unwrap();
        let row = json!({
            "pos": 7, "id": "0000000000000009", "logged_at": "9999-12-31T23:59:59.999Z",
            "target": { "kind": "everything" }, "effect": "ended", "at": "2026-01-01T00:00:00.123Z", "timed_by": "us",
        });
        assert_eq!(written, json!({ "rows": [row], "cursor": "a.7.0000000000000009" }));
        let read: LogPage = serde_json::from_value(written).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::to_value(page()).unwrap());
        let row: LoggedRevocation = read.rows[0].clone().into();
        assert_eq!(row.revocation.at, Timestamp::from_millis(1_767_225_600_123));
    }

    #[test]
    fn a_row_with_something_that_is_not_known_here_cannot_be_read() {
        for (name, value) in [
            ("reach", json!(1)),
            ("effect", json!("narrowed")),
            ("target", json!({ "kind": "planet" })),
            ("timed_by", json!("nobody")),
            ("at", json!(1000)),
            ("at", json!("1969-12-31T23:59:59Z")),
            ("id", json!(9)),
        ] {
            let mut written = serde_json::to_value(page()).unwrap();
            written["rows"][0][name] = value;
            assert!(serde_json::from_value::<LogPage>(written.clone()).is_err(), "{written}");
        }
    }
}
