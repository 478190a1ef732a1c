use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{RevocationWriter, StoreId, Timestamp, Unavailable};

/// Where a store is, and how old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOrigin {
    /// For people: a path, or host, port and database. Never a password.
    pub place: String,
    /// How old it is.
    pub age: StoreAge,
}

/// How old a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreAge {
    /// It ends with this process.
    Memory,
    /// This handle made its tables.
    Made,
    /// Its tables were there.
    Found,
}

/// Which store it is, and what its data depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreRecord {
    /// Its id. A restored copy has the same.
    pub id: StoreId,
    /// How often `depends_on` was changed.
    pub revision: u64,
    /// What its data depends on.
    pub depends_on: Dependencies,
}

/// What a store's data depends on, and the store does not hold. There is no secret in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependencies {
    /// The peppers, in the order in which nodes began to use them; then those that wait to be used.
    #[serde(default)]
    pub peppers: Vec<PepperRecord>,
    /// The schemes of peppers that an operator has given up: keys that name one are unknown.
    #[serde(default)]
    pub given_up: Vec<Box<str>>,
    /// The signing keys of the nodes over this store.
    #[serde(default)]
    pub signing: Option<SigningRecord>,
}

/// A pepper that nodes use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PepperRecord {
    /// What its digests name: `hmac-sha256:<id>`.
    pub scheme: Box<str>,
    /// The digest of a constant under it, in hexadecimal: equal peppers have equal ones.
    pub check: Box<str>,
    /// Absent once keys may be hashed under it. Before, since when it waits: when it was registered, or when a
    /// node last said that it lacks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<Timestamp>,
}

/// The signing keys that nodes share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningRecord {
    /// The id of the key folder that holds them; absent where they are given to each node.
    pub folder: Option<Box<str>>,
    /// The ids of the keys that were published when a node last started.
    pub keys: Vec<Box<str>>,
}

/// What a store knows of itself and of the secrets that its data depends on.
///
/// # Contract
///
/// - A store has one id from the time its tables are made or migrated. No other store has it.
/// - Of several who change the record of one revision, one succeeds; what it wrote is read by
///   everyone from then on.
/// - An outage is an error.
#[async_trait]
pub trait StoreRegistry: fmt::Debug + Send + Sync + 'static {
    /// Where it is, and whether this handle made it.
    fn origin(&self) -> StoreOrigin;

    /// The revocation log that this store holds; `None` if it holds none. Its changes write their rows
    /// ([`Commit::revocations`](crate::Commit::revocations)) there, and nowhere else.
    fn log(&self) -> Option<Arc<dyn RevocationWriter>>;

    /// Which store it is, and what its data depends on.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn record(&self) -> Result<StoreRecord, Unavailable>;

    /// Replaces what the data depends on, if the record is still of this revision, which then grows by
    /// one; `false` if it is not.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn set_dependencies(&self, revision: u64, depends_on: &Dependencies) -> Result<bool, Unavailable>;

    /// The schemes that begin with `prefix` and that a key names which is neither revoked nor at its end at
    /// `now`: each once, in ascending order. Whether its user is enabled does not matter.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn live_schemes(&self, prefix: &str, now: Timestamp) -> Result<Vec<Box<str>>, Unavailable>;
}
