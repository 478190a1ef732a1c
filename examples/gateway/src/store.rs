use std::sync::Arc;

use remint::{KeyStore, MemoryStore, Sqlite};
use remint_postgres::Postgres;

use crate::failure::Failure;
use crate::settings::Place;

/// The store, whichever it is; made if it is not there.
pub(crate) async fn open(place: &Place) -> Result<Arc<dyn KeyStore>, Failure> {
    Ok(match place {
        Place::Memory => Arc::new(MemoryStore::default()),
        Place::Sqlite(path) => match Sqlite::open(path).await {
            Ok(store) => Arc::new(store),
            Err(error) => {
                let what = format!("the store {} cannot be opened", path.display());
                return Err(Failure::unavailable(&what, &error));
            }
        },
        Place::Postgres(url) => match Postgres::connect(url).await {
            Ok(store) => Arc::new(store),
            Err(error) => return Err(Failure::unavailable("the store cannot be opened", &error)),
        },
    })
}
