use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

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
pub(crate) fn open(options: PgConnectOptions, doubt: Arc<Doubt>) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
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
        .after_release(|connection, _| Box::pin(answers(connection)))
        .connect_lazy_with(options)
}

async fn answers(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match tokio::time::timeout(WAIT, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// A replica is behind: what was acknowledged elsewhere may be missing there.
pub(crate) async fn writable(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let read_only: String = sqlx::query_scalar("SHOW transaction_read_only").fetch_one(connection).await?;
    if read_only == "off" { Ok(()) } else { Err(sqlx::Error::Configuration(Replica.into())) }
}

#[derive(Debug, thiserror::Error)]
#[error("the database is read-only: a replica, or set so")]
struct Replica;

/// How many connections there are at most. Each is a process of the server's.
const CONNECTIONS: u32 = 10;

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
