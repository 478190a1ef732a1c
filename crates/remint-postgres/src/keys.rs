//! Steps of transactions that keep keys.

use std::time::Duration;

use remint_core::ApiKeyRecord;
use sqlx::postgres::PgConnection;

use crate::failed::Failed;
use crate::row;

/// Keeps new keys, in the order of their ids: whoever keeps the same at the same time then waits
/// and does not stand in the way.
pub(crate) async fn keep(connection: &mut PgConnection, keys: &[ApiKeyRecord]) -> Result<(), Failed> {
    let mut keys: Vec<_> = keys.iter().collect();
    keys.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    for part in keys.chunks(AT_ONCE) {
        keep_part(connection, part).await?;
    }
    Ok(())
}

/// How long it may take to keep so many keys, in addition to what any call may take.
pub(crate) fn patience(keys: &[ApiKeyRecord]) -> Duration {
    PER_KEY.saturating_mul(u32::try_from(keys.len()).unwrap_or(u32::MAX))
}

async fn keep_part(connection: &mut PgConnection, keys: &[&ApiKeyRecord]) -> Result<(), Failed> {
    let act_for = |key: &&ApiKeyRecord| key.act_for.as_ref().map(serde_json::to_string).transpose();
    let act_for: Vec<Option<String>> = keys.iter().map(act_for).collect::<Result<_, _>>().map_err(unencodable)?;
    sqlx::query(KEEP)
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
                                 expires_at, revoked_at, last_used_at, rotated_to, act_for)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::bytea[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],
                         $14::text[], $15::json[])";

/// Far fewer than a statement has time for.
const AT_ONCE: usize = 5_000;

const PER_KEY: Duration = Duration::from_millis(1);
