use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::statement::sql;

/// Applies what was not applied yet, in one transaction that holds a lock from its beginning: of
/// several nodes that start at once, one makes the tables. Whether this one did.
pub(crate) async fn migrate(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    // Whoever waits here waits for another node's migration, which may take its time.
    sqlx::raw_sql("SET LOCAL statement_timeout = 0").execute(&mut *transaction).await?;
    sql("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    let applied = version(&mut transaction).await?;
    let missing = usize::try_from(applied)
        .ok()
        .and_then(|applied| MIGRATIONS.get(applied..))
        .ok_or_else(|| sqlx::Error::Configuration(LaterVersion { version: applied }.into()))?;
    for migration in missing {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
    }
    if !missing.is_empty() {
        sqlx::raw_sql("DELETE FROM remint.schema_version").execute(&mut *transaction).await?;
        sql("INSERT INTO remint.schema_version (version) VALUES ($1)")
            .bind(i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(applied == 0)
}

/// How many migrations were applied. An account that may not make schemas can use one that is there.
async fn version(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let is_new: bool = sqlx::query_scalar("SELECT to_regclass('remint.schema_version') IS NULL")
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
    if is_new {
        sqlx::raw_sql(NEW).execute(&mut *connection).await?;
    }
    let version: Option<i64> = sqlx::query_scalar("SELECT version FROM remint.schema_version")
        .persistent(false)
        .fetch_optional(&mut *connection)
        .await?;
    Ok(version.unwrap_or(0))
}

#[derive(Debug, thiserror::Error)]
#[error("its tables are of version {version}, which only a later version of this program knows")]
struct LaterVersion {
    version: i64,
}

/// A schema that is there already was made by somebody who lets us use it.
const NEW: &str = "
    DO $$ BEGIN
        IF to_regnamespace('remint') IS NULL THEN CREATE SCHEMA remint; END IF;
    END $$;
    CREATE TABLE remint.schema_version (version BIGINT NOT NULL);";

/// In order. One that was released never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_keys_users_usage_and_audit.sql"),
    include_str!("../migrations/0002_replays.sql"),
    include_str!("../migrations/0003_act_for.sql"),
    include_str!("../migrations/0004_descent.sql"),
    include_str!("../migrations/0005_store.sql"),
    include_str!("../migrations/0006_roles.sql"),
    include_str!("../migrations/0007_revocations.sql"),
];

/// `remint` and a number, as advisory locks are named: no other program has a reason to take it.
const LOCK: i64 = i64::from_be_bytes(*b"remint\0\x01");
