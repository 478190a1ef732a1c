use std::sync::atomic::{AtomicU32, Ordering};

use remint_postgres::Postgres;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

use crate::proxy::Proxy;

/// A database of its own, which goes when this is dropped. Its language is English, so that a store
/// that does not compare bytes would be found out.
#[derive(Debug)]
pub(crate) struct Database {
    name: String,
}

impl Database {
    pub(crate) async fn create() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("remint_{}_{number}", std::process::id());
        let mut server = PgConnection::connect(server().as_str()).await.unwrap();
        let create = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' \
             LC_COLLATE 'C' LC_CTYPE 'C'"
        );
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut server).await.unwrap();
        server.close().await.unwrap();
        Self { name }
    }

    /// A new database, with a store in it.
    pub(crate) async fn with_store() -> (Postgres, Self) {
        let database = Self::create().await;
        (database.open().await, database)
    }

    /// A new database, with a store in it that reaches it through a PgBouncer in this mode.
    pub(crate) async fn behind_pooler(mode: Mode) -> (Postgres, Self) {
        let database = Self::create().await;
        (Postgres::connect(database.pooled(mode).as_str()).await.unwrap(), database)
    }

    /// Its address through a PgBouncer in this mode.
    pub(crate) fn pooled(&self, mode: Mode) -> Url {
        let name = match mode {
            Mode::Session => "REMINT_E2E_PGBOUNCER_SESSION",
            Mode::Transaction => "REMINT_E2E_PGBOUNCER_TRANSACTION",
            Mode::Statement => "REMINT_E2E_PGBOUNCER_STATEMENT",
        };
        let mut url = address(name);
        url.set_path(&self.name);
        url
    }

    /// A new database, with a store in it that reaches it through a proxy.
    pub(crate) async fn behind_proxy() -> (Postgres, Proxy, Self) {
        let database = Self::create().await;
        let server = server();
        let proxy = Proxy::start(server.host_str().unwrap(), server.port().unwrap()).await;
        let mut address = database.url();
        address.set_host(Some("127.0.0.1")).unwrap();
        address.set_port(Some(proxy.port())).unwrap();
        (Postgres::connect(address.as_str()).await.unwrap(), proxy, database)
    }

    pub(crate) async fn open(&self) -> Postgres {
        Postgres::connect(self.url().as_str()).await.unwrap()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn url(&self) -> Url {
        let mut url = server();
        url.set_path(&self.name);
        url
    }

    /// Connections past the store.
    pub(crate) async fn raw(&self) -> PgPool {
        PgPool::connect(self.url().as_str()).await.unwrap()
    }

    /// Runs statements past the store.
    pub(crate) async fn run(&self, statements: &str) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect(self.url().as_str()).await?;
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await?;
        connection.close().await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let dropping = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut server = PgConnection::connect(server().as_str()).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut server).await.unwrap();
            });
        });
        _ = dropping.join();
    }
}

/// The address of the server's own database.
fn server() -> Url {
    address("REMINT_E2E_POSTGRES")
}

fn address(name: &str) -> Url {
    let address = std::env::var(name);
    let address = address.expect("a server's address is not set: run `cargo xtask test` or `cargo xtask peers -- …`");
    address.parse().expect("an address")
}

/// How long a client of PgBouncer has a connection of the server's to itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mode {
    Session,
    Transaction,
    Statement,
}
