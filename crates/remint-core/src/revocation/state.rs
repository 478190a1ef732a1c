use super::{Cursor, Position, Reading, RowId};

/// Where a log stands, and from where on it has every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// Its last row.
    pub head: Cursor,
    /// The smallest position from which on every row is there.
    pub complete_from: Position,
}

impl LogState {
    /// Why a reader cannot go on from this cursor; `None`: the rows after it follow. It is the rule of
    /// [`RevocationLog::read_after`](super::RevocationLog::read_after), for logs to call.
    ///
    /// `there` is the row that the log has at the cursor's position, if it has one.
    #[must_use]
    pub fn refuse(&self, from: &Cursor, there: Option<RowId>) -> Option<Reading> {
        if from.log != self.head.log {
            return Some(Reading::Gap);
        }
        let there = if from.position == self.head.position { Some(self.head.row) } else { there };
        let is_another = there.is_some_and(|row| row != from.row);
        let is_lost = there.is_none() && from.position >= self.complete_from;
        if from.position > self.head.position || is_another || is_lost {
            return Some(Reading::Rewritten);
        }
        (from.position.0 + 1 < self.complete_from.0).then_some(Reading::Gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LogId;

    fn at(position: u64, row: u64) -> Cursor {
        Cursor { log: LogId::new("log").unwrap(), position: Position(position), row: RowId(row) }
    }

    #[test]
    fn a_reader_goes_on_only_where_the_log_has_what_they_read_and_all_that_came_after() {
        let log = LogState { head: at(9, 90), complete_from: Position(4) };
        let another = Cursor { log: LogId::new("another").unwrap(), ..at(9, 90) };
        for (from, there, expected) in [
            (at(9, 90), None, None),
            (at(5, 50), Some(50), None),
            (at(3, 30), None, None),
            (at(3, 30), Some(30), None),
            (another, Some(90), Some(Reading::Gap)),
            (at(2, 20), None, Some(Reading::Gap)),
            (at(2, 20), Some(20), Some(Reading::Gap)),
            (at(0, 0), None, Some(Reading::Gap)),
            (at(9, 91), None, Some(Reading::Rewritten)),
            (at(5, 51), Some(50), Some(Reading::Rewritten)),
            (at(2, 21), Some(20), Some(Reading::Rewritten)),
            (at(5, 50), None, Some(Reading::Rewritten)),
            (at(10, 100), None, Some(Reading::Rewritten)),
            (at(u64::MAX, 100), None, Some(Reading::Rewritten)),
        ] {
            assert_eq!(log.refuse(&from, there.map(RowId)), expected, "{from}");
        }
        let empty = LogState { head: at(0, 0), complete_from: Position(1) };
        assert_eq!(empty.refuse(&at(0, 0), None), None);
        let begun = LogState { head: at(1, 10), complete_from: Position(1) };
        assert_eq!(begun.refuse(&at(0, 0), None), None, "before the first row there is none");
    }
}
