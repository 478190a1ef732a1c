//! Records to columns and back.

use std::error::Error;
use std::str::FromStr;

use remint_core::{ApiKeyRecord, KeyDigest, Timestamp, User};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// The columns that [`key`] reads, in its order.
macro_rules! key_columns {
    () => {
        "k.id, k.user_id, k.environment, k.name, k.start, k.scopes, k.scheme, k.digest, k.created_at, k.expires_at, \
         k.revoked_at, k.last_used_at"
    };
}

/// The columns that [`user`] reads, in its order.
macro_rules! user_columns {
    () => {
        "u.id, u.tenant, u.enabled, u.scopes, u.created_at"
    };
}

pub(crate) use {key_columns, user_columns};

/// How many [`key_columns`] there are.
pub(crate) const KEY_COLUMNS: usize = 12;

/// A key from its columns, which are the first.
pub(crate) fn key(row: &SqliteRow) -> Result<ApiKeyRecord, sqlx::Error> {
    Ok(ApiKeyRecord {
        id: parsed(row, 0)?,
        user: parsed(row, 1)?,
        environment: parsed(row, 2)?,
        name: row.try_get(3)?,
        start: row.try_get(4)?,
        scopes: parsed_if_any(row, 5)?,
        digest: KeyDigest { scheme: row.try_get::<&str, _>(6)?.into(), bytes: row.try_get::<&[u8], _>(7)?.into() },
        created_at: moment(row.try_get(8)?),
        expires_at: row.try_get::<Option<i64>, _>(9)?.map(moment),
        revoked_at: row.try_get::<Option<i64>, _>(10)?.map(moment),
        last_used_at: row.try_get::<Option<i64>, _>(11)?.map(moment),
    })
}

/// A user from their columns, which begin at `first`.
pub(crate) fn user(row: &SqliteRow, first: usize) -> Result<User, sqlx::Error> {
    Ok(User {
        id: parsed(row, first)?,
        tenant: parsed_if_any(row, first + 1)?,
        enabled: row.try_get(first + 2)?,
        scopes: parsed(row, first + 3)?,
        created_at: moment(row.try_get(first + 4)?),
    })
}

/// SQLite's integers are signed. What does not fit is [`Timestamp::MAX`], or so far away that it
/// may as well be.
pub(crate) fn integer(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

fn moment(integer: i64) -> Timestamp {
    match integer {
        i64::MAX => Timestamp::MAX,
        _ => Timestamp::from_millis(u64::try_from(integer).unwrap_or(0)),
    }
}

fn parsed<T: FromStr<Err: Error + Send + Sync + 'static>>(row: &SqliteRow, column: usize) -> Result<T, sqlx::Error> {
    row.try_get::<&str, _>(column)?.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

fn parsed_if_any<T>(row: &SqliteRow, column: usize) -> Result<Option<T>, sqlx::Error>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    let text = row.try_get::<Option<&str>, _>(column)?;
    text.map(str::parse).transpose().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
