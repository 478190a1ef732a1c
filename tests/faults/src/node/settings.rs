use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use remint::Target;
use serde::{Deserialize, Serialize};

/// What a node is told when it starts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// What it is.
    pub role: Role,
    /// `postgres://…`, or the path of a file.
    pub store: String,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The way to the server, for an edge that exchanges there.
    pub server: SocketAddr,
    /// The provider whose tokens it takes.
    pub provider: String,
    /// The folder of signing keys and pepper, which all nodes share.
    pub keys: PathBuf,
    /// The key set of the internal tokens, for a service.
    pub key_set: PathBuf,
    /// By how many seconds its clock is ahead; negative: behind.
    pub clock_ahead: i64,
    /// How long what is cached answers while the log is gone.
    pub max_staleness: Duration,
    /// What is wrong with it, where the checker is to find something.
    pub fault: Option<Sabotage>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// It authenticates, caches and mints.
    Edge,
    /// It verifies internal tokens, and follows the log of the store.
    Service,
    /// The token endpoint for edges without keys, which serves its log over HTTP.
    Server,
    /// An edge that exchanges at the server, and follows its log over HTTP.
    Remote,
}

/// What may be wrong with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sabotage {
    /// It does not follow the log of the store.
    IgnoresRows,
}

/// Users that an edge makes, each with one key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewUsers {
    /// The number of the first: its name is `user-<number>`.
    pub first: usize,
    /// How many.
    pub count: usize,
}

/// A key that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MadeKey {
    /// Its text.
    pub key: String,
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub user: String,
}

/// What is to end, in one step of the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Revoke {
    /// One target, which ends in the store too; or many, which must be outside of it.
    pub targets: Vec<Target>,
}
