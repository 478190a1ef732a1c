use std::collections::VecDeque;

use remint_core::{Cursor, LogId, LoggedRevocation, Position, RowId};

/// The last rows of the log, as they were read for all who wait.
#[derive(Debug)]
pub(super) struct Tail {
    log: LogId,
    /// What stands before the first of them.
    start: (Position, RowId),
    rows: VecDeque<LoggedRevocation>,
}

impl Tail {
    /// None yet: the log stands here.
    pub(super) fn at(cursor: Cursor) -> Self {
        Self { log: cursor.log, start: (cursor.position, cursor.row), rows: VecDeque::new() }
    }

    /// Where the log stood when it was last read.
    pub(super) fn head(&self) -> Cursor {
        let (position, row) = self.rows.back().map_or(self.start, place);
        Cursor { log: self.log.clone(), position, row }
    }

    /// What was read after [`head`](Self::head). The oldest rows go where there is no room.
    pub(super) fn extend(&mut self, rows: Vec<LoggedRevocation>) {
        self.rows.extend(rows);
        while self.rows.len() > MOST
            && let Some(dropped) = self.rows.pop_front()
        {
            self.start = place(&dropped);
        }
    }

    /// At most so many rows after this cursor; `None` if it stands at none of these rows.
    pub(super) fn after(&self, cursor: &Cursor, limit: usize) -> Option<Vec<LoggedRevocation>> {
        if cursor.log != self.log {
            return None;
        }
        let at = (cursor.position, cursor.row);
        let skipped = if at == self.start {
            0
        } else {
            let index = self.rows.binary_search_by_key(&cursor.position, |row| row.position).ok()?;
            self.rows.get(index).filter(|row| place(row) == at)?;
            index.saturating_add(1)
        };
        Some(self.rows.iter().skip(skipped).take(limit).cloned().collect())
    }
}

const fn place(row: &LoggedRevocation) -> (Position, RowId) {
    (row.position, row.id)
}

const MOST: usize = 4096;

#[cfg(test)]
mod tests {
    use remint_core::{Revocation, Target, Timestamp};

    use super::*;

    fn row(position: u64) -> LoggedRevocation {
        let at = Timestamp::from_secs(position);
        let revocation = Revocation::changed(Target::Everything, at);
        LoggedRevocation { position: Position(position), id: RowId(position + 100), logged_at: at, revocation }
    }

    fn cursor(position: u64, row: u64) -> Cursor {
        Cursor { log: LogId::new("log").unwrap(), position: Position(position), row: RowId(row) }
    }

    fn positions(tail: &Tail, cursor: &Cursor, limit: usize) -> Option<Vec<u64>> {
        tail.after(cursor, limit).map(|rows| rows.into_iter().map(|row| row.position.0).collect())
    }

    #[test]
    fn rows_are_given_after_a_row_that_is_there_and_after_no_other() {
        let mut tail = Tail::at(cursor(10, 110));
        assert_eq!(tail.head(), cursor(10, 110));
        assert_eq!(positions(&tail, &cursor(10, 110), 9), Some(vec![]));
        tail.extend((11..15).map(row).collect());
        assert_eq!(tail.head(), cursor(14, 114));
        assert_eq!(positions(&tail, &cursor(10, 110), 9), Some(vec![11, 12, 13, 14]));
        assert_eq!(positions(&tail, &cursor(12, 112), 1), Some(vec![13]));
        assert_eq!(positions(&tail, &cursor(14, 114), 9), Some(vec![]));
        for elsewhere in [cursor(9, 109), cursor(15, 115), cursor(10, 111), cursor(12, 113)] {
            assert_eq!(positions(&tail, &elsewhere, 9), None, "{elsewhere}");
        }
        let other = Cursor { log: LogId::new("other").unwrap(), ..cursor(12, 112) };
        assert_eq!(positions(&tail, &other, 9), None);
    }

    #[test]
    fn memory_is_bounded_and_what_was_dropped_is_not_skipped() {
        let mut tail = Tail::at(cursor(0, 0));
        let most = u64::try_from(MOST).unwrap();
        tail.extend((1..=most + 5).map(row).collect());
        assert_eq!(tail.rows.len(), MOST);
        assert_eq!(positions(&tail, &cursor(4, 104), 1), None);
        assert_eq!(positions(&tail, &cursor(5, 105), 1), Some(vec![6]));
    }
}
