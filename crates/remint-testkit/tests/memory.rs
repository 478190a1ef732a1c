//! The suites on the store in memory and on each wrapper of a store.

use std::sync::Arc;

use remint_apikey::MemoryStore;
use remint_testkit::key_store::Severable;

remint_testkit::key_store_suite!(async || (MemoryStore::new(), ()));

mod behind_an_arc {
    use super::{Arc, MemoryStore};

    remint_testkit::key_store_suite!(async || (Arc::new(MemoryStore::new()), ()));
}

mod severable {
    use super::{Arc, MemoryStore, Severable};

    remint_testkit::key_store_suite!(async || (Severable::new(MemoryStore::new()), ()));

    remint_testkit::key_store_outage_suite!(async || {
        let store = Severable::new(Arc::new(MemoryStore::new()));
        (store.clone(), async move || store.sever())
    });
}
