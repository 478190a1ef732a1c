use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Commit, Cursor, Effect, LogId, LogState, LoggedRevocation, Page, Position, Reading, Retention, Revocation,
    RevocationLog, RevocationWriter, RowId, Stamp, Target, TimedBy, Unavailable, UnavailableKind,
};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

use crate::failed::Failed;
use crate::statement::sql;
use crate::{Postgres, audit, row};

#[async_trait]
impl RevocationLog for Postgres {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        let read = self.read(|| async { Ok(cursor(&self.row(sql(HEAD)).await?)?) });
        read.await.map_err(out_of_order)
    }

    async fn read_after(&self, from: &Cursor, most: usize) -> Result<Reading, Unavailable> {
        let read = self.read(|| async {
            // One statement, and so one state of the database.
            let rows = self.rows(sql(READ).bind(integer(from.position)).bind(row::limit(most))).await?;
            Ok(reading(from, &rows)?)
        });
        read.await.map_err(out_of_order)
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let after = integer(page.after.unwrap_or_default());
        let read = self.read(|| async {
            let rows = self.rows(sql(READ).bind(after).bind(row::limit(page.limit))).await?;
            let Some(first) = rows.first() else { return Ok(None) };
            let is_this = cursor(first)?.log == *log;
            let kept = is_this.then(|| rows.iter().filter_map(|row| logged(row).transpose()).collect());
            Ok(kept.transpose()?)
        });
        read.await.map_err(out_of_order)
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        let targets = texts(targets)?;
        let read = self.read(|| async {
            let rows = self.rows(sql(LATEST).bind(&targets)).await?;
            Ok(rows.iter().filter_map(|row| logged(row).transpose()).collect::<Result<_, _>>()?)
        });
        read.await.map_err(out_of_order)
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(250)
    }
}

#[async_trait]
impl RevocationWriter for Postgres {
    async fn append(&self, rows: &[Revocation]) -> Result<Stamp, Unavailable> {
        let append = self.write(|| async {
            let mut transaction = self.begin().await?;
            write(&mut transaction, rows).await?;
            let head = cursor(&sql(HEAD).fetch_one(&mut *transaction).await?)?;
            transaction.commit().await?;
            Ok(head.stamp())
        });
        append.await.map_err(out_of_order)
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        let renew = self.write(|| async { self.execute(sql(RENEW).bind(log.as_str())).await });
        renew.await.map(|_renewed| ()).map_err(out_of_order)
    }

    async fn forget(&self, retention: Retention, most: usize) -> Result<usize, Unavailable> {
        let forget = self.write(|| async {
            let query = sql(FORGET).bind(millis(retention.held)).bind(millis(retention.external));
            let mut transaction = self.begin().await?;
            let forgotten: i64 = query.bind(row::limit(most)).fetch_one(&mut *transaction).await?.try_get(0)?;
            transaction.commit().await?;
            Ok(usize::try_from(forgotten).unwrap_or(0))
        });
        forget.await.map_err(out_of_order)
    }
}

/// Writes what goes with a change, as the last things of its transaction: numbers of events and positions of rows come
/// in the order in which transactions end.
pub(crate) async fn with_change(connection: &mut PgConnection, commit: Commit<'_>) -> Result<(), Failed> {
    audit::write(&mut *connection, commit.audit).await?;
    write(connection, commit.revocations).await
}

/// Writes rows of the revocation log. The log's own row is locked from then on to the end of the transaction, so that
/// positions have no hole, and come in the order in which transactions end.
pub(crate) async fn write(connection: &mut PgConnection, rows: &[Revocation]) -> Result<(), Failed> {
    let Some(last) = rows.len().checked_sub(1) else { return Ok(()) };
    let targets = rows.iter().map(|row| serde_json::to_string(&row.target)).collect::<Result<Vec<_>, _>>();
    let targets = targets.map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let by_source = |row: &Revocation| row.timed_by == TimedBy::Source;
    sql(WRITE)
        .bind(i64::try_from(last).unwrap_or(i64::MAX))
        .bind(targets)
        .bind(rows.iter().map(|row| row.effect == Effect::Ended).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| by_source(row).then(|| row::integer(row.at))).collect::<Vec<_>>())
        .bind(rows.iter().map(by_source).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.user.as_ref().map(AsRef::as_ref)).collect::<Vec<Option<&str>>>())
        .bind(rows.iter().map(|row| row.effect == Effect::Ended && row.target.is_external()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// What the rows of [`READ`] say to a reader who stands at this cursor.
fn reading(from: &Cursor, rows: &[PgRow]) -> Result<Reading, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(Reading::Gap) };
    let state = LogState { head: cursor(first)?, complete_from: Position(number(first, 3)?) };
    let at_cursor = first.try_get::<Option<i64>, _>(4)?.map(row_id);
    if let Some(refusal) = state.refuse(from, at_cursor) {
        return Ok(refusal);
    }
    rows.iter().filter_map(|row| logged(row).transpose()).collect::<Result<_, _>>().map(Reading::Rows)
}

fn cursor(row: &PgRow) -> Result<Cursor, sqlx::Error> {
    Ok(Cursor { log: row::parsed(row, 0)?, position: Position(number(row, 1)?), row: row_id(row.try_get(2)?) })
}

/// The row beside what is told of the log; `None` where there is none.
fn logged(row: &PgRow) -> Result<Option<LoggedRevocation>, sqlx::Error> {
    let Some(position) = row.try_get::<Option<i64>, _>(5)? else { return Ok(None) };
    let revocation = Revocation {
        target: serde_json::from_str(row.try_get(7)?).map_err(row::undecodable)?,
        effect: if row.try_get(8)? { Effect::Ended } else { Effect::Changed },
        at: row::moment(row.try_get(9)?),
        timed_by: if row.try_get(10)? { TimedBy::Source } else { TimedBy::Us },
        user: row::parsed_if_any(row, 11)?,
    };
    Ok(Some(LoggedRevocation {
        position: Position(u64::try_from(position).map_err(row::undecodable)?),
        id: row_id(row.try_get(6)?),
        logged_at: row::moment(row.try_get(12)?),
        revocation,
    }))
}

fn number(row: &PgRow, column: usize) -> Result<u64, sqlx::Error> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(row::undecodable)
}

const fn row_id(integer: i64) -> RowId {
    RowId(u64::from_ne_bytes(integer.to_ne_bytes()))
}

fn integer(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn texts(targets: &[Target]) -> Result<Vec<String>, Unavailable> {
    let texts = targets.iter().map(serde_json::to_string).collect::<Result<_, _>>();
    texts.map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))
}

fn out_of_order(failed: Failed) -> Unavailable {
    Unavailable::new(UnavailableKind::RevocationLog).with_source(Unavailable::from(failed))
}

macro_rules! now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    };
}

macro_rules! row_columns {
    () => {
        "r.position, r.row_id, r.target, r.ended, r.at, r.by_source, r.user_id, r.logged_at"
    };
}

const HEAD: &str = "SELECT id, head, head_row FROM remint.revocation_log";

const READ: &str = concat!(
    "SELECT l.id, l.head, l.head_row, l.complete_from, (SELECT row_id FROM remint.revocations WHERE position = $1), ",
    row_columns!(),
    " FROM remint.revocation_log l LEFT JOIN LATERAL \
     (SELECT * FROM remint.revocations WHERE position > $1 ORDER BY position LIMIT $2) r ON true ORDER BY r.position"
);

const LATEST: &str = concat!(
    "SELECT NULL::text, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, ",
    row_columns!(),
    " FROM unnest($1::text[]) AS wanted (target) CROSS JOIN LATERAL \
     (SELECT * FROM remint.revocations WHERE md5(target) = md5(wanted.target) AND target = wanted.target AND ended \
      ORDER BY position DESC LIMIT 1) r"
);

/// `gen_random_uuid` is random in all of the bits that are taken; the last one is set, since 0 names no row.
const WRITE: &str = concat!(
    "WITH named AS (
         SELECT target, ended, at, by_source, user_id, lasting, place,
             ('x' || left(replace(gen_random_uuid()::text, '-', ''), 12) || right(gen_random_uuid()::text, 4))
                 ::bit(64)::bigint | 1 AS row_id
         FROM unnest($2::text[], $3::boolean[], $4::bigint[], $5::boolean[], $6::text[], $7::boolean[])
         WITH ORDINALITY AS row (target, ended, at, by_source, user_id, lasting, place)
     ), log AS (
         UPDATE remint.revocation_log
         SET head = head + $1 + 1, head_row = (SELECT row_id FROM named WHERE place = $1 + 1)
         RETURNING head
     )
     INSERT INTO remint.revocations (position, row_id, target, ended, at, by_source, user_id, lasting, logged_at)
     SELECT log.head - $1 - 1 + place, row_id, target, ended, coalesce(at, ",
    now!(),
    "), by_source, user_id, lasting, ",
    now!(),
    " FROM named, log ORDER BY place"
);

const RENEW: &str = "
    UPDATE remint.revocation_log SET id = 'log_' || replace(gen_random_uuid()::text, '-', '') WHERE id = $1";

const FORGET: &str = concat!(
    "WITH old AS (
         SELECT position FROM (
             (SELECT position FROM remint.revocations WHERE NOT lasting AND logged_at <= ",
    now!(),
    " - $1 ORDER BY logged_at LIMIT $3)
             UNION ALL
             (SELECT position FROM remint.revocations WHERE lasting AND logged_at <= ",
    now!(),
    " - $2 ORDER BY logged_at LIMIT $3)
         ) AS either ORDER BY position LIMIT $3
     ), gone AS (
         DELETE FROM remint.revocations WHERE position IN (SELECT position FROM old) RETURNING position
     ), told AS (
         UPDATE remint.revocation_log SET complete_from = greatest(complete_from, (SELECT max(position) + 1 FROM gone))
         WHERE EXISTS (SELECT 1 FROM gone)
     )
     SELECT count(*) FROM gone"
);
