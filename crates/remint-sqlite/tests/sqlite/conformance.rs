mod file {
    use remint_sqlite::Sqlite;

    remint_conformance::key_store_suite!(async || {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        (store, folder)
    });

    remint_conformance::key_store_outage_suite!(async || {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        (store.clone(), async move || {
            store.close().await;
            drop(folder);
        })
    });

    remint_conformance::revocation_log_suite!(async || {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        (store, folder)
    });

    remint_conformance::logged_store_suite!(async || {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        (store, folder)
    });

    remint_conformance::replay_store_suite!(async || {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        (store, folder)
    });

    remint_conformance::replay_store_shared_suite!(async || {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        (store, folder)
    });

    remint_conformance::replay_store_outage_suite!(async || {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
        (store.clone(), async move || {
            store.close().await;
            drop(folder);
        })
    });
}

mod memory {
    use remint_sqlite::Sqlite;

    remint_conformance::key_store_suite!(async || (Sqlite::in_memory().await.unwrap(), ()));

    remint_conformance::key_store_outage_suite!(async || {
        let store = Sqlite::in_memory().await.unwrap();
        (store.clone(), async move || store.close().await)
    });

    remint_conformance::revocation_log_suite!(async || (Sqlite::in_memory().await.unwrap(), ()));

    remint_conformance::logged_store_suite!(async || (Sqlite::in_memory().await.unwrap(), ()));

    remint_conformance::replay_store_suite!(async || (Sqlite::in_memory().await.unwrap(), ()));

    remint_conformance::replay_store_outage_suite!(async || {
        let store = Sqlite::in_memory().await.unwrap();
        (store.clone(), async move || store.close().await)
    });
}
