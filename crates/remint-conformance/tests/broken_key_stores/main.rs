//! Each case of the key-store suites fails for a store that breaks what the case is about.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "it is for tests")]

mod directory;
mod keys;
mod ledger;
mod registry;
mod store;

use remint_apikey::MemoryStore;
use remint_conformance::key_store::{self, Severable};
use store::Broken;

/// Stamps a test for each case. A case whose fault [`Broken`] does not know gets a sound store, and its test fails.
macro_rules! refutes {
    (@ [$($flavor:tt)*] $group:ident $case:ident) => {
        #[tokio::test($($flavor)*)]
        #[should_panic]
        async fn $case() {
            key_store::$group::$case(Broken::new(MemoryStore::new(), stringify!($case))).await;
        }
    };
    ($flavor:tt $($group:ident: $case:ident,)*) => {
        $(refutes! { @ $flavor $group $case })*
    };
}

macro_rules! refutes_outage {
    ($($group:ident: $case:ident,)*) => {$(
        #[tokio::test]
        #[should_panic]
        async fn $case() {
            let store = Severable::new(MemoryStore::new());
            let broken = Broken::new(store.clone(), stringify!($case));
            key_store::$group::$case(broken, async || store.sever()).await;
        }
    )*};
}

remint_conformance::__key_store_cases! { [refutes] must [] }
remint_conformance::__key_store_cases! { [refutes] expiry [] }
remint_conformance::__key_store_cases! { [refutes] concurrency [flavor = "multi_thread", worker_threads = 2] }
remint_conformance::__key_store_cases! { [refutes_outage] outage }

/// Stamps a test for each case: none of its calls may be answered.
macro_rules! refutes_each_answer {
    ($($group:ident: $case:ident,)*) => {$(
        #[tokio::test]
        async fn $case() {
            for answered in 0.. {
                let store = Severable::new(MemoryStore::new());
                let cut = store.clone();
                let case = key_store::$group::$case(store.clone(), async move || cut.sever_but(answered));
                if tokio::spawn(case).await.is_ok() {
                    assert_eq!(store.calls_since_the_cut(), answered, "it passed a store that answered in an outage");
                    break;
                }
            }
        }
    )*};
}

mod each_call_of_an_outage {
    use super::{MemoryStore, Severable, key_store};

    remint_conformance::__key_store_cases! { [refutes_each_answer] outage }
}

mod without_a_fault {
    use super::{Broken, MemoryStore};

    remint_conformance::key_store_suite!(async || (Broken::new(MemoryStore::new(), "none"), ()));
}
