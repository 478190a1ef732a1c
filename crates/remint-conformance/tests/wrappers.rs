//! The suites through an [`Arc`], by itself and inside and around another wrapper. Those of the bare
//! store are stamped where it lives.

use std::sync::Arc;

use remint_apikey::MemoryStore;
use remint_conformance::key_store::Severable;

remint_conformance::key_store_suite!(async || (Arc::new(MemoryStore::new()), ()));

remint_conformance::key_store_outage_suite!(async || {
    let store = Arc::new(Severable::new(Arc::new(MemoryStore::new())));
    (store.clone(), async move || store.sever())
});
