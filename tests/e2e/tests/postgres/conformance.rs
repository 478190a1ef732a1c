use crate::database::Database;

remint_conformance::key_store_suite!(Database::with_store);

remint_conformance::key_store_outage_suite!(async || {
    let (store, proxy, database) = Database::behind_proxy().await;
    (store, async move || {
        proxy.cut();
        // It goes with the process: the store is to meet the cut, not the loss of the database.
        std::mem::forget((proxy, database));
    })
});

remint_conformance::replay_store_suite!(Database::with_store);

remint_conformance::replay_store_shared_suite!(Database::with_store);

remint_conformance::replay_store_outage_suite!(async || {
    let (store, proxy, database) = Database::behind_proxy().await;
    (store, async move || {
        proxy.cut();
        std::mem::forget((proxy, database));
    })
});

remint_conformance::revocation_log_suite!(Database::with_store);

remint_conformance::logged_store_suite!(Database::with_store);
