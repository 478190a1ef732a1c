use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{StoreAge, StoreOrigin};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgRow};
use sqlx::{ConnectOptions as _, SqlSafeStr as _};

use crate::failed::{Failed, is_loss};
use crate::pool::{self, Doubt, PATIENCE};
use crate::session::{BEGIN, Session};
use crate::turn::Turn;
use crate::{OpenError, UnverifiedServer};

/// A store of API keys and users in a PostgreSQL database. Clones share its connections.
#[derive(Clone)]
pub struct Postgres {
    pool: PgPool,
    is_pooled: bool,
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
        Self::connect_with_pool_size(url, pool::CONNECTIONS).await
    }

    /// The same with so many connections at most; ten, unless set. There are fewer where the role or the database
    /// allows fewer: calls wait for one another then.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect) says.
    pub async fn connect_with_pool_size(url: &str, connections: NonZeroU32) -> Result<Self, OpenError> {
        let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| OpenError::new("postgres", error))?;
        if let Some(unverified) = UnverifiedServer::of(&options) {
            tracing::warn!(target: "remint", "{unverified}");
        }
        let database = options.get_database().unwrap_or(options.get_username());
        let place = format!("postgres://{}:{}/{database}", options.get_host(), options.get_port());
        let doubt = Arc::new(Doubt::default());
        // No parameter that a pooler may refuse; and no number of ours is a fraction.
        let options = options.application_name("remint").extra_float_digits(None).disable_statement_logging();
        let session = Session::set_up(options).await.map_err(|error| OpenError::new(&place, error))?;
        let Session { options, is_pooled, allowed, is_new } = session;
        let age = if is_new { StoreAge::Made } else { StoreAge::Found };
        let opened = Arc::new(StoreOrigin { place, age });
        let connections = allowed.map_or(connections, |allowed| connections.min(allowed));
        let pool = pool::open(options, connections, doubt.clone());
        Ok(Self { pool, is_pooled, doubt, turn: Arc::default(), opened })
    }

    /// Closes the connections, after the calls under way. Every later call, of clones too, is an
    /// outage.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// The rows of one statement that reads.
    pub(crate) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, Failed> {
        if !self.is_pooled {
            let mut connection = pool::acquire(&self.pool).await?;
            return Ok(statement.persistent(true).fetch_all(&mut *connection).await?);
        }
        let mut transaction = self.begin().await?;
        let rows = statement.fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    /// The one row of a statement that reads, if there is one.
    pub(crate) async fn row_if_any(&self, statement: Statement<'_>) -> Result<Option<PgRow>, Failed> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// The one row of a statement that reads.
    pub(crate) async fn row(&self, statement: Statement<'_>) -> Result<PgRow, Failed> {
        Ok(self.row_if_any(statement).await?.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// How many rows one statement changes that is a transaction by itself.
    pub(crate) async fn execute(&self, statement: Statement<'_>) -> Result<u64, Failed> {
        if !self.is_pooled {
            let mut connection = pool::acquire(&self.pool).await?;
            return Ok(statement.persistent(true).execute(&mut *connection).await?.rows_affected());
        }
        let mut transaction = self.begin().await?;
        let done = statement.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
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
        match self.begin_once().await {
            Err(error) if is_loss(&error) => {
                self.doubt.raise();
                Ok(self.begin_once().await?)
            }
            begun => Ok(begun?),
        }
    }

    async fn begin_once(&self) -> Result<Transaction, sqlx::Error> {
        let connection = pool::acquire(&self.pool).await?;
        let statement = self.is_pooled.then(|| BEGIN.into_sql_str());
        sqlx::Transaction::begin(connection, statement).await
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

/// What is dropped is rolled back.
pub(crate) type Transaction = sqlx::Transaction<'static, sqlx::Postgres>;

pub(crate) type Statement<'q> = sqlx::query::Query<'q, sqlx::Postgres, PgArguments>;

async fn patiently<T>(patience: Duration, call: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    tokio::time::timeout(patience, call).await.unwrap_or(Err(Failed::Slow))
}

/// How often a transaction is tried that stands in another's way.
const ATTEMPTS: usize = 3;
