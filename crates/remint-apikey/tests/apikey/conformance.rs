mod memory {
    use remint_apikey::MemoryStore;

    remint_conformance::key_store_suite!(async || (MemoryStore::new(), ()));
}

mod severable {
    use remint_apikey::MemoryStore;
    use remint_conformance::key_store::Severable;

    remint_conformance::key_store_suite!(async || (Severable::new(MemoryStore::new()), ()));

    remint_conformance::key_store_outage_suite!(async || {
        let store = Severable::new(MemoryStore::new());
        (store.clone(), async move || store.sever())
    });
}
