use std::borrow::Cow;
use std::error::Error;
use std::num::NonZeroU32;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::pool::{self, PATIENCE};
use crate::schema;

/// What the first connection showed of the way to the server.
#[derive(Debug)]
pub(crate) struct Session {
    /// By which every further connection is made.
    pub(crate) options: PgConnectOptions,
    /// A pooler (PgBouncer) stands between: a connection is the same one within a transaction, and perhaps no longer.
    pub(crate) is_pooled: bool,
    /// How many connections the role and the database allow, if they say so.
    pub(crate) allowed: Option<NonZeroU32>,
    /// Whether the tables were made now.
    pub(crate) is_new: bool,
}

impl Session {
    /// Connects once, by a connection of its own (a pool would try again and again, and not say why), and makes the
    /// tables or brings them up to date.
    pub(crate) async fn set_up(plain: PgConnectOptions) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let direct = plain.clone().options(SETTINGS.map(|(name, value)| (name, value.to_owned())));
        let (mut connection, is_pooled) = match patiently(direct.connect()).await? {
            Ok(mut connection) => {
                let is_kept = is_kept(&mut connection).await?;
                (connection, !is_kept)
            }
            Err(error) if refuses_settings(&error) => (patiently(plain.connect()).await??, true),
            Err(error) => return Err(error.into()),
        };
        if is_pooled {
            tracing::info!(target: "remint", "a pooler stands before PostgreSQL: each call is a transaction");
            connection.close().await?;
            connection = patiently(plain.connect()).await??;
        }
        if is_pooled {
            has_transactions(&mut connection).await?;
        }
        pool::writable(&mut connection).await?;
        let is_new = schema::migrate(&mut connection).await?;
        let allowed = allowed(&mut connection).await?;
        connection.close().await?;
        Ok(Self { options: if is_pooled { plain } else { direct }, is_pooled, allowed, is_new })
    }
}

/// How a transaction begins behind a pooler, where a session cannot be set: what is set here ends with it.
pub(crate) const BEGIN: &str = "
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL statement_timeout = 5000; SET LOCAL idle_in_transaction_session_timeout = 10000";

/// Whether the session has what it was started with. A pooler that was told to ignore it does not pass it on.
async fn is_kept(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = patiently_in(sqlx::raw_sql(MARKED).fetch_one(connection)).await?;
    sqlx::Row::try_get(&row, 0)
}

/// PgBouncer's answer to parameters that it does not know.
fn refuses_settings(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code() == Some(Cow::Borrowed(PROTOCOL)) && error.message().contains("unsupported startup parameter")
    })
}

/// A pooler that hands a connection on after each statement refuses to begin a transaction, and every change is one.
async fn has_transactions(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // One of two statements at once would have ended before the pooler looks.
    let transaction = async { connection.begin().await?.rollback().await };
    match patiently_in(transaction).await {
        Err(error) if pools_statements(&error) => Err(sqlx::Error::Configuration(StatementMode.into())),
        outcome => outcome,
    }
}

/// PgBouncer's answer to a transaction in statement mode.
fn pools_statements(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("statement pooling mode"))
}

#[derive(Debug, thiserror::Error)]
#[error(
    "the pooler before PostgreSQL hands a connection on after each statement (pool_mode = statement), and each change \
     here is a transaction: set pool_mode = transaction or session"
)]
struct StatementMode;

/// Negative is no limit.
async fn allowed(connection: &mut PgConnection) -> Result<Option<NonZeroU32>, sqlx::Error> {
    let row = patiently_in(sqlx::raw_sql(ALLOWED).fetch_one(connection)).await?;
    let allowed: Option<i32> = sqlx::Row::try_get(&row, 0)?;
    Ok(allowed.and_then(|allowed| u32::try_from(allowed).ok()).and_then(NonZeroU32::new))
}

async fn patiently<T>(call: impl Future<Output = T>) -> Result<T, tokio::time::error::Elapsed> {
    tokio::time::timeout(PATIENCE, call).await
}

async fn patiently_in<T>(call: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(PATIENCE, call).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

const SETTINGS: [(&str, &str); 4] = [
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "5000"),
    ("idle_in_transaction_session_timeout", "10000"),
    // A setting that nobody else makes: one that is here was passed on.
    ("remint.session", "whole"),
];

const MARKED: &str = "SELECT coalesce(current_setting('remint.session', true), '') = 'whole'";

const ALLOWED: &str = "
    SELECT min(of.allowed)::int FROM (
        SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user
        UNION ALL SELECT datconnlimit FROM pg_database WHERE datname = current_database()
    ) AS of (allowed) WHERE of.allowed >= 0";

/// `protocol_violation`.
const PROTOCOL: &str = "08P01";

const _: () = assert!(PATIENCE.as_millis() == 5000, "the settings above say the same");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_behind_a_pooler_is_set_as_a_session_is() {
        for (name, value) in SETTINGS.iter().filter(|(name, _)| name.ends_with("timeout")) {
            assert!(BEGIN.contains(&format!("SET LOCAL {name} = {value}")), "{name}");
        }
        assert!(BEGIN.contains("READ COMMITTED"));
    }
}
