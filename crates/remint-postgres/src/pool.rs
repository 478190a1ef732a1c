use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Postgres};

/// The moment at which a connection was last found to be gone. Those that were idle then are tried
/// before they are used: when a server restarts, all of them are gone.
#[derive(Debug, Default)]
pub(crate) struct Doubt(Mutex<Option<Instant>>);

impl Doubt {
    pub(crate) fn raise(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn concerns(&self, idle_for: Duration) -> bool {
        let raised = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle_for > TRUSTED || raised.is_some_and(|at| at.elapsed() <= idle_for)
    }
}

/// A pool that connects when it is asked.
pub(crate) fn open(options: PgConnectOptions, connections: NonZeroU32, doubt: Arc<Doubt>) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections.get())
        .acquire_timeout(WAIT)
        .idle_timeout(Some(Duration::from_secs(600)))
        .max_lifetime(Some(Duration::from_secs(1800)))
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(writable(connection)))
        .before_acquire(move |connection, idle| {
            let doubted = doubt.concerns(idle.idle_for);
            Box::pin(async move { if doubted { answers(connection).await } else { Ok(true) } })
        })
        // Without this, a connection to a server that fell silent would keep its place for good.
        .after_release(|connection, _| Box::pin(is_at_rest(connection)))
        .connect_lazy_with(options)
}

/// A connection, as soon as there is one. Where the server gives no more (a role's limit, which other programs share),
/// the pool would go on asking it for one: it is asked again and again, so that one that came back meanwhile is taken.
pub(crate) async fn acquire(pool: &PgPool) -> Result<PoolConnection<Postgres>, sqlx::Error> {
    let begun = Instant::now();
    let mut turn = FIRST_TURN;
    loop {
        let left = WAIT.saturating_sub(begun.elapsed());
        if left <= turn {
            return pool.acquire().await;
        }
        match tokio::time::timeout(turn, pool.acquire()).await {
            Ok(acquired) => return acquired,
            Err(_) => turn = turn.saturating_mul(2),
        }
    }
}

async fn answers(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match tokio::time::timeout(WAIT, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// Whether a connection that comes back is in no transaction: a call that was dropped while its transaction began leaves
/// one open, which would keep a pooler's connection from everybody else. Such a connection is closed.
async fn is_at_rest(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match tokio::time::timeout(WAIT, sqlx::raw_sql(AT_REST).fetch_one(connection)).await {
        Ok(row) => sqlx::Row::try_get(&row?, 0),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// A statement by itself begins its own transaction.
const AT_REST: &str = "SELECT statement_timestamp() = transaction_timestamp()";

/// A replica is behind: what was acknowledged elsewhere may be missing there.
pub(crate) async fn writable(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let row = sqlx::raw_sql("SHOW transaction_read_only").fetch_one(connection).await?;
    let read_only: String = sqlx::Row::try_get(&row, 0)?;
    if read_only == "off" { Ok(()) } else { Err(sqlx::Error::Configuration(Replica.into())) }
}

#[derive(Debug, thiserror::Error)]
#[error("the database is read-only: a replica, or set so")]
struct Replica;

/// How many connections there are at most, unless set. Each is a process of the server's.
pub(crate) const CONNECTIONS: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// How long one waits for a connection at first, before the pool is asked again.
const FIRST_TURN: Duration = Duration::from_millis(100);

/// How long a call may take, the wait for a connection included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long one waits for a connection.
const WAIT: Duration = Duration::from_secs(3);

/// For how long a connection that worked is taken to work still.
const TRUSTED: Duration = Duration::from_secs(1);

const _: () = assert!(WAIT.as_millis() < PATIENCE.as_millis(), "a wait must fit into a call");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_was_idle_when_another_broke_is_doubted() {
        let doubt = Doubt::default();
        assert!(!doubt.concerns(Duration::from_millis(500)));
        doubt.raise();
        assert!(doubt.concerns(Duration::from_millis(500)));
    }

    #[test]
    fn a_connection_that_was_idle_for_long_is_doubted() {
        assert!(Doubt::default().concerns(Duration::from_secs(2)));
    }
}
