//! PostgreSQL, PgBouncer, Redis and SoftHSM, private to one run: on free ports of 127.0.0.1, in a folder that goes
//! when they stop. They stop when the value is dropped, and on Linux also when this process is killed.

mod install;
mod pgbouncer;
mod postgres;
pub mod process;
mod redis;
mod softhsm;

use std::io;

use tempfile::TempDir;

pub use install::install;
use pgbouncer::PgBouncer;
use postgres::Postgres;
pub use postgres::{account, programs};
use redis::Redis;
use softhsm::SoftHsm;

/// All of them, running.
#[derive(Debug)]
pub struct Servers {
    // In the order in which they go; the folder last.
    poolers: [PgBouncer; 3],
    postgres: Postgres,
    redis: Redis,
    softhsm: SoftHsm,
    _folder: TempDir,
}

/// What a server does for what it has acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: tests start and end with nothing.
    None,
    /// What it does by default: measurements tell the truth.
    Default,
}

impl Servers {
    /// Starts them and waits until they answer.
    ///
    /// # Errors
    ///
    /// If one is not installed or does not come up; its log is in the error.
    pub fn start(durability: Durability) -> io::Result<Self> {
        let folder = process::folder()?;
        let postgres = attempts(|| Postgres::start(folder.path(), durability))?;
        let pooler = |mode| attempts(|| PgBouncer::start(folder.path(), mode, postgres.port()));
        let poolers = [pooler("session")?, pooler("transaction")?, pooler("statement")?];
        let redis = attempts(|| Redis::start(folder.path()))?;
        let softhsm = SoftHsm::prepare(folder.path())?;
        Ok(Self { poolers, postgres, redis, softhsm, _folder: folder })
    }

    /// The environment by which tests and benchmarks find them.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 8] {
        let postgres = self.postgres.url();
        let [session, transaction, statement] = &self.poolers;
        let [module, tokens] = self.softhsm.environment();
        [
            ("REMINT_E2E_POSTGRES", postgres.clone()),
            ("REMINT_BENCH_POSTGRES", postgres),
            ("REMINT_E2E_PGBOUNCER_SESSION", session.url()),
            ("REMINT_E2E_PGBOUNCER_TRANSACTION", transaction.url()),
            ("REMINT_E2E_PGBOUNCER_STATEMENT", statement.url()),
            ("REMINT_E2E_REDIS", self.redis.url()),
            module,
            tokens,
        ]
    }
}

/// Between the choice of a port and its use, somebody else may take it.
fn attempts<T>(mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 1..ATTEMPTS {
        if let Ok(started) = start() {
            return Ok(started);
        }
    }
    start()
}

const ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_was_taken_in_between_is_no_failure() {
        let mut ports = [Err(io::Error::other("taken")), Ok(2)].into_iter();
        assert_eq!(attempts(|| ports.next().unwrap()).unwrap(), 2);
    }

    #[test]
    fn a_server_that_never_starts_is_one() {
        let mut tried = 0;
        let outcome: io::Result<()> = attempts(|| {
            tried += 1;
            Err(io::Error::other("no"))
        });
        assert!(outcome.is_err());
        assert_eq!(tried, ATTEMPTS);
    }
}
