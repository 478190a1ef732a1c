//! Records from their columns.

use remint_core::{ApiKeyRecord, Descent, FoundKey, FoundUser, KeyDigest, Network, Tenant, User};
use sqlx::sqlite::SqliteRow;

use crate::columns::{Columns, unreadable};

/// The columns that [`key`] reads, in its order.
macro_rules! key_columns {
    () => {
        "k.id, k.user_id, k.environment, k.name, k.start, k.scopes, k.networks, k.scheme, k.digest, k.created_at, \
         k.expires_at, k.revoked_at, k.last_used_at, k.rotated_to, k.act_for, k.made_by"
    };
}

/// The columns that [`user`] reads, in its order.
macro_rules! user_columns {
    () => {
        "u.id, u.tenant_id, u.enabled, u.scopes, u.roles, u.entitlements, u.plan, u.created_at"
    };
}

/// The columns that [`tenant`] and [`tenant_if_any`] read, in their order.
macro_rules! tenant_columns {
    () => {
        "t.id, t.enabled, t.plan, t.created_at"
    };
}

pub(crate) use {key_columns, tenant_columns, user_columns};

pub(crate) fn key(row: &SqliteRow) -> Result<ApiKeyRecord, sqlx::Error> {
    read_key(&mut Columns::of(row))
}

pub(crate) fn user(row: &SqliteRow) -> Result<User, sqlx::Error> {
    read_user(&mut Columns::of(row))
}

pub(crate) fn tenant(row: &SqliteRow) -> Result<Tenant, sqlx::Error> {
    read_tenant(&mut Columns::of(row))?.ok_or_else(|| unreadable("a tenant without an id"))
}

/// A key, its user and their tenant.
pub(crate) fn found_key(row: &SqliteRow) -> Result<FoundKey, sqlx::Error> {
    let columns = &mut Columns::of(row);
    let key = read_key(columns)?;
    let FoundUser { user, tenant } = read_found_user(columns)?;
    Ok(FoundKey { key, user, tenant })
}

/// A user and their tenant.
pub(crate) fn found_user(row: &SqliteRow) -> Result<FoundUser, sqlx::Error> {
    read_found_user(&mut Columns::of(row))
}

/// A maker and what it made.
pub(crate) fn descent(row: &SqliteRow) -> Result<Descent, sqlx::Error> {
    let columns = &mut Columns::of(row);
    Ok(Descent { maker: columns.parsed()?, key: columns.parsed()? })
}

fn read_key(columns: &mut Columns<'_>) -> Result<ApiKeyRecord, sqlx::Error> {
    Ok(ApiKeyRecord {
        id: columns.parsed()?,
        user: columns.parsed()?,
        environment: columns.parsed()?,
        name: columns.value()?,
        start: columns.value()?,
        scopes: columns.parsed_if_any()?,
        networks: networks(columns.value()?)?,
        digest: KeyDigest { scheme: columns.value::<&str>()?.into(), bytes: columns.value::<&[u8]>()?.into() },
        created_at: columns.moment()?,
        expires_at: columns.moment_if_any()?,
        revoked_at: columns.moment_if_any()?,
        last_used_at: columns.moment_if_any()?,
        rotated_to: columns.parsed_if_any()?,
        act_for: columns.json_if_any()?,
        made_by: columns.json()?,
    })
}

fn read_user(columns: &mut Columns<'_>) -> Result<User, sqlx::Error> {
    Ok(User {
        id: columns.parsed()?,
        tenant: columns.parsed_if_any()?,
        enabled: columns.value()?,
        scopes: columns.parsed()?,
        roles: columns.json()?,
        entitlements: columns.json()?,
        plan: columns.parsed_if_any()?,
        created_at: columns.moment()?,
    })
}

/// A tenant, or what a `LEFT JOIN` shows in place of none.
fn read_tenant(columns: &mut Columns<'_>) -> Result<Option<Tenant>, sqlx::Error> {
    let Some(id) = columns.parsed_if_any()? else { return Ok(None) };
    Ok(Some(Tenant { id, enabled: columns.value()?, plan: columns.parsed_if_any()?, created_at: columns.moment()? }))
}

/// A user whose tenant is missing is not a user without one.
fn read_found_user(columns: &mut Columns<'_>) -> Result<FoundUser, sqlx::Error> {
    let (user, tenant) = (read_user(columns)?, read_tenant(columns)?);
    match user.tenant == tenant.as_ref().map(|tenant| tenant.id.clone()) {
        true => Ok(FoundUser { user, tenant }),
        false => Err(unreadable("a user whose tenant is missing")),
    }
}

pub(crate) fn networks_text(networks: &[Network]) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// One that cannot be read must not leave the key without bounds.
fn networks(text: &str) -> Result<Vec<Network>, sqlx::Error> {
    text.split(' ').filter(|part| !part.is_empty()).map(|part| part.parse().map_err(unreadable)).collect()
}
