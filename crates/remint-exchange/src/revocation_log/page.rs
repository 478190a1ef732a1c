use remint_core::{Cursor, Effect, LogId, LoggedRevocation, Position, RowId, Target};
use remint_token::revocation_log::LogPage;
use serde_json::{Map, Value};

use super::error::HttpLogError;

/// An answer of the server, read strictly: what cannot be read, or is not what was asked for, might hide a row.
pub(super) struct Page {
    pub(super) rows: Vec<LoggedRevocation>,
    pub(super) cursor: Cursor,
    pub(super) has_more: bool,
}

impl Page {
    /// At most so many rows, each one position after the other, from this place on.
    pub(super) fn after(document: Map<String, Value>, place: &Cursor, limit: usize) -> Result<Self, HttpLogError> {
        let page = Self::read(document, limit)?;
        let mut last = (place.position, place.row);
        for row in &page.rows {
            if row.position.0 != last.0.0.saturating_add(1) || row.id == RowId::NONE {
                return Err(HttpLogError::Malformed("a row does not come after the one before it"));
            }
            last = (row.position, row.id);
        }
        if page.cursor != (Cursor { log: place.log.clone(), position: last.0, row: last.1 }) {
            return Err(HttpLogError::Malformed("the cursor is not the last row's"));
        }
        Ok(page)
    }

    /// At most so many rows of what is kept after this position.
    pub(super) fn kept(
        document: Map<String, Value>,
        log: &LogId,
        after: Position,
        limit: usize,
    ) -> Result<Self, HttpLogError> {
        let page = Self::read(document, limit)?;
        let mut last = after;
        for row in &page.rows {
            if row.position <= last {
                return Err(HttpLogError::Malformed("a row does not come after the one before it"));
            }
            last = row.position;
        }
        // Between its head and its rows, a log may get another id: the next question tells.
        if page.has_more && page.cursor.log != *log {
            return Err(HttpLogError::Malformed("it is another log's"));
        }
        Ok(page)
    }

    /// Rows that ended one of these.
    pub(super) fn latest(document: Map<String, Value>, targets: &[Target]) -> Result<Self, HttpLogError> {
        let page = Self::read(document, targets.len())?;
        let ends =
            |row: &LoggedRevocation| row.revocation.effect == Effect::Ended && targets.contains(&row.revocation.target);
        if !page.rows.iter().all(ends) {
            return Err(HttpLogError::Malformed("a row ended nothing that was asked about"));
        }
        Ok(page)
    }

    /// Of whatever question.
    pub(super) fn read(document: Map<String, Value>, limit: usize) -> Result<Self, HttpLogError> {
        let page: LogPage = serde_json::from_value(Value::Object(document))
            .map_err(|_| HttpLogError::Malformed("a row or the cursor cannot be read"))?;
        if page.rows.len() > limit {
            return Err(HttpLogError::Malformed("there are more rows than were asked for"));
        }
        if page.rows.is_empty() && page.next.is_some() {
            return Err(HttpLogError::Malformed("there are no rows, and more of them"));
        }
        let rows = page.rows.into_iter().map(Into::into).collect();
        Ok(Self { rows, cursor: page.cursor, has_more: page.next.is_some() })
    }
}
