//! Values to columns and back.

use std::error::Error;
use std::str::FromStr;

use remint_core::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row, Type};

/// A row that is read column by column, in the statement's order.
pub(crate) struct Columns<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) const fn of(row: &'r SqliteRow) -> Self {
        Self::after(row, 0)
    }

    /// Those after so many.
    pub(crate) const fn after(row: &'r SqliteRow, next: usize) -> Self {
        Self { row, next }
    }

    pub(crate) fn value<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T, sqlx::Error> {
        let column = self.next;
        self.next += 1;
        self.row.try_get(column)
    }

    pub(crate) fn parsed<T: FromStr<Err: Error + Send + Sync + 'static>>(&mut self) -> Result<T, sqlx::Error> {
        self.value::<&str>()?.parse().map_err(unreadable)
    }

    pub(crate) fn parsed_if_any<T>(&mut self) -> Result<Option<T>, sqlx::Error>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.value::<Option<&str>>()?.map(str::parse).transpose().map_err(unreadable)
    }

    /// As [`parsed_if_any`](Self::parsed_if_any), where an empty text stands for none.
    pub(crate) fn parsed_unless_empty<T>(&mut self) -> Result<Option<T>, sqlx::Error>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        let text = self.value::<&str>()?;
        (!text.is_empty()).then(|| text.parse()).transpose().map_err(unreadable)
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T, sqlx::Error> {
        serde_json::from_str(self.value()?).map_err(unreadable)
    }

    /// A JSON `null` is not absence.
    pub(crate) fn json_if_any<T: DeserializeOwned>(&mut self) -> Result<Option<T>, sqlx::Error> {
        self.value::<Option<&str>>()?.map(serde_json::from_str).transpose().map_err(unreadable)
    }

    pub(crate) fn moment(&mut self) -> Result<Timestamp, sqlx::Error> {
        self.value().map(moment)
    }

    pub(crate) fn moment_if_any(&mut self) -> Result<Option<Timestamp>, sqlx::Error> {
        Ok(self.value::<Option<i64>>()?.map(moment))
    }

    pub(crate) fn number(&mut self) -> Result<u64, sqlx::Error> {
        u64::try_from(self.value::<i64>()?).map_err(unreadable)
    }
}

/// What a row holds that none of ours would.
pub(crate) fn unreadable(why: impl Into<Box<dyn Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Decode(why.into())
}

/// SQLite's integers are signed. What does not fit is [`Timestamp::MAX`], or so far away that it
/// may as well be.
pub(crate) fn integer(moment: Timestamp) -> i64 {
    signed(moment.as_millis())
}

/// The greatest there is, where it does not fit.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number of rows that a page may have.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

fn moment(integer: i64) -> Timestamp {
    match integer {
        i64::MAX => Timestamp::MAX,
        _ => Timestamp::from_millis(u64::try_from(integer).unwrap_or(0)),
    }
}
