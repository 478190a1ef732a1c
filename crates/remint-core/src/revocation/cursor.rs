use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::LogId;

/// A place in a revocation log. The first row has 1; each further one has one more, in the order in which readers see
/// the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position(pub u64);

/// How far a reader had read which log: the internal token's `rev`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Which log.
    pub log: LogId,
    /// How far.
    #[serde(rename = "pos")]
    pub position: Position,
}

/// The random name of one row: 16 hexadecimal digits. A log that was restored from a backup has other rows at the
/// positions that it uses again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RowId(pub u64);

impl RowId {
    /// Of no row: what stands before the first.
    pub const NONE: Self = Self(0);
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for RowId {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let is_ours = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = is_ours.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or(InvalidCursor)
    }
}

impl TryFrom<String> for RowId {
    type Error = InvalidCursor;

    fn try_from(text: String) -> Result<Self, InvalidCursor> {
        text.parse()
    }
}

impl From<RowId> for String {
    fn from(id: RowId) -> Self {
        id.to_string()
    }
}

/// Where a reader stands, and which row it read there: enough for the log to notice that it is not the one that the
/// reader had read.
///
/// As text: `<log>.<position>.<row>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// Which log.
    pub log: LogId,
    /// The position of the last row that was read; 0 before the first.
    pub position: Position,
    /// That row; [`RowId::NONE`] before the first.
    pub row: RowId,
}

impl Cursor {
    /// How far this is.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp { log: self.log.clone(), position: self.position }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.log, self.position.0, self.row)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (rest, row) = text.rsplit_once('.').ok_or(InvalidCursor)?;
        let (log, position) = rest.rsplit_once('.').ok_or(InvalidCursor)?;
        if !position.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidCursor);
        }
        Ok(Self {
            log: LogId::new(log).map_err(|_| InvalidCursor)?,
            position: Position(position.parse().map_err(|_| InvalidCursor)?),
            row: row.parse()?,
        })
    }
}

impl TryFrom<String> for Cursor {
    type Error = InvalidCursor;

    fn try_from(text: String) -> Result<Self, InvalidCursor> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

/// What is not the text of a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of a revocation log")]
pub struct InvalidCursor;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        let cursor = Cursor { log: LogId::new("a.b").unwrap(), position: Position(7), row: RowId(0xab) };
        assert_eq!(cursor.to_string(), "a.b.7.00000000000000ab");
        assert_eq!(cursor.to_string().parse(), Ok(cursor.clone()));
        assert_eq!(serde_json::from_value::<Cursor>(serde_json::to_value(&cursor).unwrap()).unwrap(), cursor);
    }

    #[test]
    fn what_is_not_written_by_us_is_no_cursor() {
        for text in ["", "a", "a.1", "a.1.ab", "a.-1.00000000000000ab", "a.1.00000000000000AB", ".1.00000000000000ab"] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text}");
        }
        assert_eq!(format!("a.{}0.00000000000000ab", u64::MAX).parse::<Cursor>(), Err(InvalidCursor));
    }
}
