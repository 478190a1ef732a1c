//! Records to columns and back.

use std::error::Error;
use std::str::FromStr;

use remint_core::{
    ActFor, ApiKeyRecord, Descent, ExternalIdentity, FoundKey, FoundUser, KeyDigest, Network, Tenant, Timestamp, User,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

/// The columns that [`key`] reads, in its order.
macro_rules! key_columns {
    () => {
        "k.id, k.user_id, k.environment, k.name, k.start, k.scopes, k.networks, k.scheme, k.digest, k.created_at, \
         k.expires_at, k.revoked_at, k.last_used_at, k.rotated_to, k.act_for::text, k.made_by::text"
    };
}

/// The columns that [`user`] reads, in its order.
macro_rules! user_columns {
    () => {
        "u.id, u.tenant_id, u.enabled, u.scopes, u.roles, u.entitlements, u.plan, u.created_at"
    };
}

/// The columns that [`tenant`] reads, in its order.
macro_rules! tenant_columns {
    () => {
        "t.id, t.enabled, t.plan, t.created_at"
    };
}

pub(crate) use {key_columns, tenant_columns, user_columns};

/// How many [`key_columns`] there are.
const KEY_COLUMNS: usize = 16;

/// How many [`user_columns`] there are.
const USER_COLUMNS: usize = 8;

/// A key from its columns, which are the first.
pub(crate) fn key(row: &PgRow) -> Result<ApiKeyRecord, sqlx::Error> {
    Ok(ApiKeyRecord {
        id: parsed(row, 0)?,
        user: parsed(row, 1)?,
        environment: parsed(row, 2)?,
        name: row.try_get(3)?,
        start: row.try_get(4)?,
        scopes: parsed_if_any(row, 5)?,
        networks: networks(row.try_get(6)?)?,
        digest: KeyDigest { scheme: row.try_get::<&str, _>(7)?.into(), bytes: row.try_get::<&[u8], _>(8)?.into() },
        created_at: moment(row.try_get(9)?),
        expires_at: row.try_get::<Option<i64>, _>(10)?.map(moment),
        revoked_at: row.try_get::<Option<i64>, _>(11)?.map(moment),
        last_used_at: row.try_get::<Option<i64>, _>(12)?.map(moment),
        rotated_to: parsed_if_any(row, 13)?,
        act_for: act_for(row, 14)?,
        made_by: serde_json::from_str(row.try_get(15)?).map_err(undecodable)?,
    })
}

/// A maker and what it made.
pub(crate) fn descent(row: &PgRow) -> Result<Descent, sqlx::Error> {
    Ok(Descent { maker: parsed(row, 0)?, key: parsed(row, 1)? })
}

/// A key, its user and their tenant from their columns, in this order.
pub(crate) fn found_key(row: &PgRow) -> Result<FoundKey, sqlx::Error> {
    let FoundUser { user, tenant } = found_user(row, KEY_COLUMNS)?;
    Ok(FoundKey { key: key(row)?, user, tenant })
}

/// A user and their tenant from their columns, in this order, which begin at `first`.
pub(crate) fn found_user(row: &PgRow, first: usize) -> Result<FoundUser, sqlx::Error> {
    let user = user(row, first)?;
    let tenant = user.tenant.as_ref().map(|_| tenant(row, first + USER_COLUMNS)).transpose()?;
    Ok(FoundUser { user, tenant })
}

/// A user from their columns, which begin at `first`.
pub(crate) fn user(row: &PgRow, first: usize) -> Result<User, sqlx::Error> {
    Ok(User {
        id: parsed(row, first)?,
        tenant: parsed_if_any(row, first + 1)?,
        enabled: row.try_get(first + 2)?,
        scopes: parsed(row, first + 3)?,
        roles: row.try_get::<Vec<String>, _>(first + 4)?.try_into().map_err(undecodable)?,
        entitlements: row.try_get(first + 5)?,
        plan: parsed_if_any(row, first + 6)?,
        created_at: moment(row.try_get(first + 7)?),
    })
}

/// A tenant from its columns, which begin at `first`.
pub(crate) fn tenant(row: &PgRow, first: usize) -> Result<Tenant, sqlx::Error> {
    Ok(Tenant {
        id: parsed(row, first)?,
        enabled: row.try_get(first + 1)?,
        plan: parsed_if_any(row, first + 2)?,
        created_at: moment(row.try_get(first + 3)?),
    })
}

/// An external identity from its issuer and its subject.
pub(crate) fn external(row: &PgRow) -> Result<ExternalIdentity, sqlx::Error> {
    Ok(ExternalIdentity { issuer: parsed(row, 0)?, subject: parsed(row, 1)? })
}

/// PostgreSQL's integers are signed. What does not fit is [`Timestamp::MAX`], or so far away that
/// it may as well be.
pub(crate) fn integer(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn moment(integer: i64) -> Timestamp {
    match integer {
        i64::MAX => Timestamp::MAX,
        _ => Timestamp::from_millis(u64::try_from(integer).unwrap_or(0)),
    }
}

/// At most so many rows, as `LIMIT` has it.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The text of a key's networks.
pub(crate) fn joined(networks: &[Network]) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn networks(text: &str) -> Result<Vec<Network>, sqlx::Error> {
    text.split_ascii_whitespace().map(|network| network.parse().map_err(undecodable)).collect()
}

pub(crate) fn parsed<T: FromStr<Err: Error + Send + Sync + 'static>>(
    row: &PgRow,
    column: usize,
) -> Result<T, sqlx::Error> {
    row.try_get::<&str, _>(column)?.parse().map_err(undecodable)
}

pub(crate) fn parsed_if_any<T>(row: &PgRow, column: usize) -> Result<Option<T>, sqlx::Error>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    row.try_get::<Option<&str>, _>(column)?.map(str::parse).transpose().map_err(undecodable)
}

/// What cannot be read is neither nobody nor anyone; a JSON `null` is none of ours.
fn act_for(row: &PgRow, column: usize) -> Result<Option<ActFor>, sqlx::Error> {
    row.try_get::<Option<&str>, _>(column)?.map(serde_json::from_str).transpose().map_err(undecodable)
}

pub(crate) fn undecodable(error: impl Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
