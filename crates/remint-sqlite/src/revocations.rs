use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Cursor, Effect, LogId, LogState, LoggedRevocation, Page, Position, Reading, Retention, Revocation, RevocationLog,
    RevocationWriter, RowId, Stamp, Target, TimedBy, Unavailable, UnavailableKind,
};
use sqlx::sqlite::SqliteRow;

use crate::Sqlite;
use crate::change::Change;
use crate::columns::{Columns, integer, json, limit, signed};
use crate::sqlite::unavailable;
use crate::watch::Question;

#[async_trait]
impl RevocationLog for Sqlite {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        let row = sqlx::query(HEAD).fetch_one(self.readers()).await.map_err(out_of_order)?;
        cursor(&mut Columns::of(&row)).map_err(out_of_order)
    }

    async fn read_after(&self, from: &Cursor, most: usize) -> Result<Reading, Unavailable> {
        // One statement, and so one state of the file.
        let question = Question { statement: READ, limit: limit(most), understand: reading };
        self.watch().read(from, &question).await.map_err(out_of_order)
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let after = page.after.unwrap_or_default();
        let query = sqlx::query(READ).bind(signed(after.0)).bind(limit(page.limit));
        let rows = query.fetch_all(self.readers()).await.map_err(out_of_order)?;
        let Some(first) = rows.first() else { return Ok(None) };
        let is_this = cursor(&mut Columns::of(first)).map_err(out_of_order)?.log == *log;
        is_this
            .then(|| rows.iter().filter_map(|row| logged(row).transpose()).collect())
            .transpose()
            .map_err(out_of_order)
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        let mut found = Vec::new();
        for target in targets {
            let query = sqlx::query(LATEST).bind(json(target).map_err(out_of_order)?);
            if let Some(row) = query.fetch_optional(self.readers()).await.map_err(out_of_order)? {
                found.extend(logged(&row).map_err(out_of_order)?);
            }
        }
        Ok(found)
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(100)
    }
}

#[async_trait]
impl RevocationWriter for Sqlite {
    async fn append(&self, rows: &[Revocation]) -> Result<Stamp, Unavailable> {
        let mut change = Change::begin(self).await.map_err(as_log)?;
        change.revoke(rows).await?;
        let row = sqlx::query(HEAD).fetch_one(change.connection()).await.map_err(out_of_order)?;
        let head = cursor(&mut Columns::of(&row)).map_err(out_of_order)?;
        change.commit(&[]).await.map_err(as_log)?;
        Ok(head.stamp())
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        let query = sqlx::query(RENEW).bind(log.as_str());
        query.execute(self.writer()).await.map(|_done| ()).map_err(out_of_order)
    }

    async fn forget(&self, retention: Retention, most: usize) -> Result<usize, Unavailable> {
        let mut change = Change::begin(self).await.map_err(as_log)?;
        let query = sqlx::query_scalar::<_, i64>(FORGET)
            .bind(millis(retention.held))
            .bind(millis(retention.external))
            .bind(limit(most));
        let forgotten = query.fetch_all(change.connection()).await.map_err(out_of_order)?;
        if let Some(last) = forgotten.iter().max() {
            sqlx::query(FORGOTTEN).bind(last).execute(change.connection()).await.map_err(out_of_order)?;
        }
        change.commit(&[]).await.map_err(as_log)?;
        Ok(forgotten.len())
    }
}

impl Change {
    /// Writes rows of the revocation log.
    pub(crate) async fn revoke(&mut self, rows: &[Revocation]) -> Result<(), Unavailable> {
        for row in rows {
            let id = getrandom::u64()
                .map_err(|error| as_log(Unavailable::new(UnavailableKind::Internal).with_source(error)))?;
            // SQLite's integers are signed, and 0 names no row.
            let id = i64::from_ne_bytes((id | 1).to_ne_bytes());
            let position: i64 =
                sqlx::query_scalar(RAISE).bind(id).fetch_one(self.connection()).await.map_err(out_of_order)?;
            sqlx::query(WRITE)
                .bind(position)
                .bind(id)
                .bind(json(&row.target).map_err(out_of_order)?)
                .bind(row.effect == Effect::Ended)
                .bind((row.timed_by == TimedBy::Source).then(|| integer(row.at)))
                .bind(row.timed_by == TimedBy::Source)
                .bind(row.user.as_ref().map(AsRef::<str>::as_ref))
                .bind(row.effect == Effect::Ended && row.target.is_external())
                .execute(self.connection())
                .await
                .map_err(out_of_order)?;
        }
        Ok(())
    }
}

/// What the rows of [`READ`] say to a reader who stands at this cursor.
fn reading(from: &Cursor, rows: &[SqliteRow]) -> Result<Reading, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(Reading::Gap) };
    let mut columns = Columns::of(first);
    let state = LogState { head: cursor(&mut columns)?, complete_from: Position(columns.number()?) };
    let at_cursor = columns.value::<Option<i64>>()?.map(row_id);
    if let Some(refusal) = state.refuse(from, at_cursor) {
        return Ok(refusal);
    }
    rows.iter().filter_map(|row| logged(row).transpose()).collect::<Result<_, _>>().map(Reading::Rows)
}

fn cursor(columns: &mut Columns<'_>) -> Result<Cursor, sqlx::Error> {
    let log = columns.parsed()?;
    Ok(Cursor { log, position: Position(columns.number()?), row: row_id(columns.value()?) })
}

/// The row beside what is told of the log; `None` where there is none.
fn logged(row: &SqliteRow) -> Result<Option<LoggedRevocation>, sqlx::Error> {
    let mut columns = Columns::after(row, OF_THE_LOG);
    let Some(position) = columns.value::<Option<i64>>()? else { return Ok(None) };
    let position = Position(u64::try_from(position).unwrap_or(0));
    let id = row_id(columns.value()?);
    let target = columns.json()?;
    let effect = if columns.value()? { Effect::Ended } else { Effect::Changed };
    let at = columns.moment()?;
    let timed_by = if columns.value()? { TimedBy::Source } else { TimedBy::Us };
    let user = columns.parsed_if_any()?;
    let logged_at = columns.moment()?;
    Ok(Some(LoggedRevocation {
        position,
        id,
        logged_at,
        revocation: Revocation { target, effect, at, timed_by, user },
    }))
}

const fn row_id(integer: i64) -> RowId {
    RowId(u64::from_ne_bytes(integer.to_ne_bytes()))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn out_of_order(error: sqlx::Error) -> Unavailable {
    as_log(unavailable(error))
}

fn as_log(error: Unavailable) -> Unavailable {
    Unavailable::new(UnavailableKind::RevocationLog).with_source(error)
}

macro_rules! now {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
}

macro_rules! row_columns {
    () => {
        "r.position, r.row_id, r.target, r.ended, r.at, r.by_source, r.user_id, r.logged_at"
    };
}

pub(crate) const HEAD: &str = "SELECT id, head, head_row FROM revocation_log WHERE one = 1";

/// How many columns tell of the log, before those of a row.
const OF_THE_LOG: usize = 5;

pub(crate) const READ: &str = concat!(
    "SELECT l.id, l.head, l.head_row, l.complete_from, (SELECT row_id FROM revocations WHERE position = ?1), ",
    row_columns!(),
    " FROM revocation_log l LEFT JOIN (SELECT * FROM revocations WHERE position > ?1 ORDER BY position LIMIT ?2) r ",
    "WHERE l.one = 1 ORDER BY r.position"
);

pub(crate) const LATEST: &str = concat!(
    "SELECT NULL, NULL, NULL, NULL, NULL, ",
    row_columns!(),
    " FROM revocations r WHERE r.target = ? AND r.ended = 1 ORDER BY r.position DESC LIMIT 1"
);

pub(crate) const RAISE: &str = "UPDATE revocation_log SET head = head + 1, head_row = ? WHERE one = 1 RETURNING head";

pub(crate) const WRITE: &str = concat!(
    "INSERT INTO revocations (position, row_id, target, ended, at, by_source, user_id, lasting, logged_at) \
     VALUES (?, ?, ?, ?, coalesce(?, ",
    now!(),
    "), ?, ?, ?, ",
    now!(),
    ")"
);

pub(crate) const RENEW: &str =
    "UPDATE revocation_log SET id = 'log_' || lower(hex(randomblob(16))) WHERE one = 1 AND id = ?";

pub(crate) const FORGET: &str = concat!(
    "DELETE FROM revocations WHERE position IN (SELECT position FROM (\
         SELECT * FROM (SELECT position FROM revocations WHERE lasting = 0 AND logged_at <= ",
    now!(),
    " - ?1 ORDER BY logged_at LIMIT ?3) UNION ALL \
         SELECT * FROM (SELECT position FROM revocations WHERE lasting = 1 AND logged_at <= ",
    now!(),
    " - ?2 ORDER BY logged_at LIMIT ?3)) ORDER BY position LIMIT ?3) RETURNING position"
);

const FORGOTTEN: &str = "UPDATE revocation_log SET complete_from = max(complete_from, ?1 + 1) WHERE one = 1";
