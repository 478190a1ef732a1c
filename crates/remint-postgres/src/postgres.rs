use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{StoreAge, StoreOrigin};
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{ConnectOptions, Connection};

use crate::failed::{Failed, is_loss};
use crate::pool::{self, Doubt, PATIENCE};
use crate::turn::Turn;
use crate::{OpenError, UnverifiedServer, schema};

/// A store of API keys and users in a PostgreSQL database. Clones share its connections.
#[derive(Clone)]
pub struct Postgres {
    pool: PgPool,
    doubt: Arc<Doubt>,
    turn: Arc<Turn>,
    opened: Arc<StoreOrigin>,
}

impl Postgres {
    /// Connects to the database of this address, `postgres://user:password@host:port/database`, and
    /// makes its tables or brings them up to date. `sslmode=verify-full` behind a `?` is for
    /// whatever network is not this machine's; below that, one line of the log warns.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the address is none, the server does not answer within some seconds or is a
    /// replica, or the tables are of a later version of this crate or cannot be made.
    pub async fn connect(url: &str) -> Result<Self, OpenError> {
        let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| OpenError::new("postgres", error))?;
        if let Some(unverified) = UnverifiedServer::of(&options) {
            tracing::warn!(target: "remint", "{unverified}");
        }
        let database = options.get_database().unwrap_or(options.get_username());
        let place = format!("postgres://{}:{}/{database}", options.get_host(), options.get_port());
        let doubt = Arc::new(Doubt::default());
        let options = options
            .application_name("remint")
            .options([
                ("default_transaction_isolation", "read committed".to_owned()),
                ("statement_timeout", format!("{}", PATIENCE.as_millis())),
                ("idle_in_transaction_session_timeout", format!("{}", 2 * PATIENCE.as_millis())),
            ])
            .disable_statement_logging();
        let is_new = set_up(&options).await.map_err(|error| OpenError::new(&place, error))?;
        let age = if is_new { StoreAge::Made } else { StoreAge::Found };
        let opened = Arc::new(StoreOrigin { place, age });
        Ok(Self { pool: pool::open(options, doubt.clone()), doubt, turn: Arc::default(), opened })
    }

    /// Closes the connections, after the calls under way. Every later call, of clones too, is an
    /// outage.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) fn opened(&self) -> &StoreOrigin {
        &self.opened
    }

    pub(crate) fn turn(&self) -> &Turn {
        &self.turn
    }

    /// Begins a transaction. A connection that turns out to be gone is replaced: nothing was done
    /// on it yet.
    pub(crate) async fn begin(&self) -> Result<Transaction, Failed> {
        match self.pool.begin().await {
            Err(error) if is_loss(&error) => {
                self.doubt.raise();
                Ok(self.pool.begin().await?)
            }
            begun => Ok(begun?),
        }
    }

    /// Waits for a call that changes nothing; once more if its connection turns out to be gone.
    pub(crate) async fn read<T, F>(&self, call: impl Fn() -> F) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, Failed>>,
    {
        patiently(PATIENCE, async {
            match call().await {
                Err(failed) if failed.is_loss() => {
                    self.doubt.raise();
                    call().await
                }
                answer => answer,
            }
        })
        .await
    }

    /// Waits for a call that is one transaction; again if another one stood in its way.
    pub(crate) async fn write<T, F>(&self, call: impl Fn() -> F) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, Failed>>,
    {
        self.write_much(Duration::ZERO, call).await
    }

    /// The same for a call that may take so much longer.
    pub(crate) async fn write_much<T, F>(&self, more: Duration, call: impl Fn() -> F) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, Failed>>,
    {
        patiently(PATIENCE.saturating_add(more), async {
            for _ in 1..ATTEMPTS {
                match call().await {
                    Err(failed) if failed.is_contention() => {}
                    Err(failed) => {
                        if failed.is_loss() {
                            self.doubt.raise();
                        }
                        return Err(failed);
                    }
                    answer => return answer,
                }
            }
            call().await
        })
        .await
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("closed", &self.pool.is_closed()).finish_non_exhaustive()
    }
}

/// By a connection of its own: a pool would try again and again, and not say why.
async fn set_up(options: &PgConnectOptions) -> Result<bool, Box<dyn Error + Send + Sync>> {
    let mut connection = tokio::time::timeout(PATIENCE, options.connect()).await??;
    pool::writable(&mut connection).await?;
    let is_new = schema::migrate(&mut connection).await?;
    connection.close().await?;
    Ok(is_new)
}

/// What is dropped is rolled back.
pub(crate) type Transaction = sqlx::Transaction<'static, sqlx::Postgres>;

async fn patiently<T>(patience: Duration, call: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    tokio::time::timeout(patience, call).await.unwrap_or(Err(Failed::Slow))
}

/// How often a transaction is tried that stands in another's way.
const ATTEMPTS: usize = 3;
