use sqlx::sqlite::SqlitePool;

/// Applies what was not applied yet, in one transaction that holds the write lock from its
/// beginning: of several processes that open a new file at once, one makes the tables. Whether this
/// one did.
pub(crate) async fn migrate(writer: &SqlitePool) -> Result<bool, sqlx::Error> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let version: u32 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let applied = usize::try_from(version).unwrap_or(usize::MAX);
    let missing =
        MIGRATIONS.get(applied..).ok_or_else(|| sqlx::Error::Configuration(LaterVersion { version }.into()))?;
    for migration in missing {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(applied == 0)
}

#[derive(Debug, thiserror::Error)]
#[error("its tables are of version {version}, which only a later version of this program knows")]
struct LaterVersion {
    version: u32,
}

/// In order; each sets `user_version` to its place. One that was released never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_users_and_api_keys.sql"),
    include_str!("../migrations/0002_tenants_links_usage_and_audit.sql"),
    include_str!("../migrations/0003_replays.sql"),
    include_str!("../migrations/0004_act_for.sql"),
    include_str!("../migrations/0005_descent.sql"),
    include_str!("../migrations/0006_store.sql"),
    include_str!("../migrations/0007_roles.sql"),
    include_str!("../migrations/0008_revocations.sql"),
];
