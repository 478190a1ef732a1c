use std::sync::Arc;

use remint::{Postgres, RemintBuilder, RevocationWriter, Sqlite};

use crate::Outcome;

/// The store of a node.
#[derive(Debug, Clone)]
pub(super) enum Store {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

impl Store {
    pub(super) async fn open(address: &str) -> Outcome<Self> {
        if address.starts_with("postgres:") {
            return Ok(Self::Postgres(Postgres::connect(address).await?));
        }
        Ok(Self::Sqlite(Sqlite::open(address).await?))
    }

    pub(super) fn given_to(&self, builder: RemintBuilder) -> RemintBuilder {
        match self {
            Self::Postgres(store) => builder.api_keys(store.clone()),
            Self::Sqlite(store) => builder.api_keys(store.clone()),
        }
    }

    pub(super) fn log(&self) -> Arc<dyn RevocationWriter> {
        match self {
            Self::Postgres(store) => Arc::new(store.clone()),
            Self::Sqlite(store) => Arc::new(store.clone()),
        }
    }
}
