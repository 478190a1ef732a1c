mod memory {
    use remint_apikey::MemoryStore;

    remint_testkit::key_store_suite!(async || (MemoryStore::new(), ()));
}

mod severable {
    use remint_apikey::MemoryStore;
    use remint_testkit::key_store::Severable;

    remint_testkit::key_store_suite!(async || (Severable::new(MemoryStore::new()), ()));

    remint_testkit::key_store_outage_suite!(async || {
        let store = Severable::new(MemoryStore::new());
        (store.clone(), async move || store.sever())
    });
}
