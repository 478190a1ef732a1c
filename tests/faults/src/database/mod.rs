//! The store that the nodes share, and what can be done to it.

mod postgres;
mod sqlite;

use std::net::SocketAddr;

use remint::{Postgres, RevocationLog, Sqlite, Target};
use tokio::task::block_in_place;

use crate::Outcome;
use crate::database::postgres::Cluster;
use crate::database::sqlite::File;

/// Which store the nodes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One file.
    Sqlite,
    /// One server, each node behind a proxy of its own.
    Postgres,
}

#[derive(Debug)]
pub(crate) enum Database {
    Sqlite(File),
    Postgres(Cluster),
}

impl Database {
    pub(crate) fn start(kind: Kind) -> Outcome<Self> {
        Ok(match kind {
            Kind::Sqlite => Self::Sqlite(File::new()?),
            Kind::Postgres => Self::Postgres(block_in_place(Cluster::start)?),
        })
    }

    /// Where the server listens, if there is one.
    pub(crate) fn server(&self) -> Option<SocketAddr> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(cluster) => Some(cluster.address()),
        }
    }

    /// How a node names it that reaches the server at this address.
    pub(crate) fn address(&self, server: Option<SocketAddr>) -> String {
        match (self, server) {
            (Self::Sqlite(file), _) => file.path().display().to_string(),
            (Self::Postgres(cluster), server) => {
                format!("postgres://postgres@{}/postgres", server.unwrap_or_else(|| cluster.address()))
            }
        }
    }

    /// Takes it away.
    pub(crate) fn stop(&mut self) -> Outcome<()> {
        match self {
            Self::Sqlite(file) => file.take_away()?,
            Self::Postgres(cluster) => block_in_place(|| cluster.stop())?,
        }
        Ok(())
    }

    pub(crate) fn start_again(&mut self) -> Outcome<()> {
        match self {
            Self::Sqlite(file) => file.bring_back()?,
            Self::Postgres(cluster) => block_in_place(|| cluster.start_again())?,
        }
        Ok(())
    }

    /// Keeps what it is now, in a replica or a backup.
    pub(crate) async fn keep_a_copy(&mut self, as_replica: bool) -> Outcome<()> {
        match self {
            Self::Sqlite(file) => file.back_up().await?,
            Self::Postgres(cluster) if as_replica => block_in_place(|| cluster.leave_a_replica_behind())?,
            Self::Postgres(cluster) => block_in_place(|| cluster.back_up())?,
        }
        Ok(())
    }

    /// Puts what was kept in its place.
    pub(crate) fn switch(&mut self) -> Outcome<()> {
        match self {
            Self::Sqlite(file) => file.restore()?,
            Self::Postgres(cluster) => block_in_place(|| cluster.switch())?,
        }
        Ok(())
    }

    /// Which of these have a row in its log.
    pub(crate) async fn ended(&self, targets: &[Target]) -> Outcome<Vec<Target>> {
        let address = self.address(None);
        let rows = match self {
            Self::Sqlite(_) => Sqlite::open(&address).await?.latest(targets).await?,
            Self::Postgres(_) => Postgres::connect(&address).await?.latest(targets).await?,
        };
        Ok(rows.into_iter().map(|row| row.revocation.target).collect())
    }
}
