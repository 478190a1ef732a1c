use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use remint::{KeyStore, MemoryStore, ReplayStore, Sqlite};
use remint_dpop::MemoryReplays;
use remint_postgres::Postgres;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use crate::failure::{Failure, with_causes};
use crate::settings::Place;

/// The store, whichever it is.
#[derive(Debug)]
pub(crate) enum Store {
    Memory(Arc<MemoryStore>),
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Store {
    /// Opens it; it is made if it is not there.
    pub(crate) async fn open(place: &Place, pool_size: NonZeroU32) -> Result<Self, Failure> {
        Ok(match place {
            Place::Memory => Self::Memory(Arc::default()),
            Place::Sqlite(path) => match Sqlite::open(path).await {
                Ok(store) => Self::Sqlite(store),
                Err(error) => return Err(Failure::Unavailable(with_causes(&error))),
            },
            Place::Postgres(url) => match Postgres::connect_with_pool_size(url, pool_size).await {
                Ok(store) => Self::Postgres(store),
                Err(error) => return Err(Failure::Unavailable(with_causes(&error))),
            },
        })
    }

    pub(crate) fn ports(&self) -> Arc<dyn KeyStore> {
        match self {
            Self::Memory(store) => Arc::<MemoryStore>::clone(store),
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// Where it is remembered what was used once: for all gateways over this store, as far as it is shared. In
    /// memory each who asks has room of their own, so that nobody's uses crowd out another's.
    pub(crate) fn replays(&self) -> Arc<dyn ReplayStore> {
        match self {
            Self::Memory(_) => Arc::new(MemoryReplays::new(MOST_REPLAYS)),
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// Ends it: SQLite then folds its write-ahead log into the file, which is whole by itself.
    pub(crate) async fn close(self) {
        match self {
            Self::Memory(_) => {}
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}

/// Whether the store is there already. It looks, and makes nothing.
pub(crate) async fn exists(place: &Place) -> Result<bool, Failure> {
    match place {
        Place::Memory => Ok(false),
        // An empty file is not a store yet: to open it would make tables.
        Place::Sqlite(path) => match std::fs::metadata(path) {
            Ok(file) => Ok(file.len() > 0),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Failure::unavailable(&format!("the store {}", path.display()), &error)),
        },
        Place::Postgres(url) => match tokio::time::timeout(PATIENCE, has_tables(url)).await {
            Ok(Ok(there)) => Ok(there),
            Ok(Err(error)) => Err(Failure::unavailable("the store cannot be looked at", &error)),
            Err(_) => Err(Failure::Unavailable("the store does not answer".to_owned())),
        },
    }
}

async fn has_tables(url: &str) -> Result<bool, sqlx::Error> {
    // A pooler may stand before the server: no parameter that it refuses, and no statement with a name.
    let options = url.parse::<PgConnectOptions>()?.extra_float_digits(None).disable_statement_logging();
    let mut connection = options.connect().await?;
    let there = sqlx::raw_sql("SELECT to_regclass('remint.schema_version') IS NOT NULL");
    let there = there.fetch_one(&mut connection).await?.try_get(0)?;
    connection.close().await?;
    Ok(there)
}

/// Of about 150 bytes each.
pub(crate) const MOST_REPLAYS: usize = 100_000;
const PATIENCE: Duration = Duration::from_secs(10);
