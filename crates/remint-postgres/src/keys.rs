//! Steps of transactions that keep keys.

use std::time::Duration;

use remint_core::{ApiKeyRecord, StoreError};
use sqlx::postgres::PgConnection;

use crate::failed::Failed;
use crate::row::{self, key_columns};
use crate::statement::sql;

/// Keeps new keys, in the order of their ids: whoever keeps the same at the same time then waits
/// and does not stand in the way.
pub(crate) async fn keep(connection: &mut PgConnection, keys: &[ApiKeyRecord]) -> Result<(), Failed> {
    descend(connection, keys).await?;
    let mut keys: Vec<_> = keys.iter().collect();
    keys.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    for part in keys.chunks(AT_ONCE) {
        keep_part(connection, part).await?;
    }
    Ok(())
}

/// Writes down which keys make these, which must be active, and stay so until the transaction has ended.
async fn descend(connection: &mut PgConnection, keys: &[ApiKeyRecord]) -> Result<(), Failed> {
    let made: Vec<_> = keys.iter().filter_map(|key| Some((key.made_by.key()?.as_str(), key))).collect();
    if made.is_empty() {
        return Ok(());
    }
    let makers: Vec<_> = made.iter().map(|(maker, _)| *maker).collect();
    let users: Vec<_> = keys.iter().map(|key| key.user.as_str()).collect();
    // The users first, as whoever deletes them does.
    sql(OWNERS).bind(&makers).bind(users).execute(&mut *connection).await?;
    let locked = sql(LOCKED_MAKERS).bind(&makers).fetch_all(&mut *connection).await?;
    let locked = locked.iter().map(row::key).collect::<Result<Vec<_>, _>>()?;
    for (maker, key) in &made {
        let known = locked.iter().find(|known| known.id.as_str() == *maker);
        if !known.is_some_and(|known| known.is_active(key.created_at)) {
            return Err(StoreError::MakerEnded.into());
        }
    }
    let keys: Vec<_> = made.iter().map(|(_, key)| key.id.as_str()).collect();
    sql(DESCEND).bind(&makers).bind(keys).execute(connection).await?;
    Ok(())
}

/// How long it may take to keep so many keys, in addition to what any call may take.
pub(crate) fn patience(keys: usize) -> Duration {
    PER_KEY.saturating_mul(u32::try_from(keys).unwrap_or(u32::MAX))
}

async fn keep_part(connection: &mut PgConnection, keys: &[&ApiKeyRecord]) -> Result<(), Failed> {
    let act_for = |key: &&ApiKeyRecord| key.act_for.as_ref().map(serde_json::to_string).transpose();
    let act_for: Vec<Option<String>> = keys.iter().map(act_for).collect::<Result<_, _>>().map_err(unencodable)?;
    let made_by = |key: &&ApiKeyRecord| serde_json::to_string(&key.made_by);
    let made_by: Vec<String> = keys.iter().map(made_by).collect::<Result<_, _>>().map_err(unencodable)?;
    sql(KEEP)
        .bind(each(keys, |key| key.id.as_str()))
        .bind(each(keys, |key| key.user.as_str()))
        .bind(each(keys, |key| key.environment.as_str()))
        .bind(each(keys, |key| key.name.as_deref()))
        .bind(each(keys, |key| key.start.as_str()))
        .bind(each(keys, |key| key.scopes.as_ref().map(ToString::to_string)))
        .bind(each(keys, |key| row::joined(&key.networks)))
        .bind(each(keys, |key| &*key.digest.scheme))
        .bind(each(keys, |key| &*key.digest.bytes))
        .bind(each(keys, |key| row::integer(key.created_at)))
        .bind(each(keys, |key| key.expires_at.map(row::integer)))
        .bind(each(keys, |key| key.revoked_at.map(row::integer)))
        .bind(each(keys, |key| key.last_used_at.map(row::integer)))
        .bind(each(keys, |key| key.rotated_to.as_ref().map(AsRef::<str>::as_ref)))
        .bind(act_for)
        .bind(made_by)
        .execute(connection)
        .await?;
    Ok(())
}

fn unencodable(error: serde_json::Error) -> Failed {
    Failed::Sql(sqlx::Error::Encode(Box::new(error)))
}

fn each<'a, T>(keys: &[&'a ApiKeyRecord], column: impl Fn(&'a ApiKeyRecord) -> T) -> Vec<T> {
    keys.iter().copied().map(column).collect()
}

const KEEP: &str = "
    INSERT INTO remint.api_keys (id, user_id, environment, name, start, scopes, networks, scheme, digest, created_at,
                                 expires_at, revoked_at, last_used_at, rotated_to, act_for, made_by)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::bytea[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],
                         $14::text[], $15::json[], $16::json[])";

const OWNERS: &str = "
    SELECT FROM remint.users WHERE id = ANY($2) OR id IN (SELECT user_id FROM remint.api_keys WHERE id = ANY($1))
    ORDER BY id FOR KEY SHARE";

/// A revocation waits for it, and is waited for.
const LOCKED_MAKERS: &str =
    concat!("SELECT ", key_columns!(), " FROM remint.api_keys k WHERE k.id = ANY($1) ORDER BY k.id FOR SHARE");

const DESCEND: &str = "
    INSERT INTO remint.key_descent (maker, key) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING";

/// Far fewer than a statement has time for.
const AT_ONCE: usize = 5_000;

const PER_KEY: Duration = Duration::from_millis(1);
