//! Each case of the replay-store suites fails for a store that breaks what the case is about.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "it is for tests")]

mod outage;
mod store;

use std::sync::Arc;

use outage::Hidden;
use remint_conformance::replay_store::{self, NOON, Severable, first_use, replay_key};
use remint_core::ReplayStore;
use store::Broken;

const ROOM: u32 = 20;

fn broken(case: &'static str) -> Broken {
    Broken::new(case, usize::MAX)
}

fn bounded(case: &'static str) -> Broken {
    Broken::new(case, ROOM as usize)
}

/// Stamps a test for each case. A case whose fault [`Broken`] does not know gets a sound store, and
/// its test fails.
macro_rules! refutes {
    ($($group:ident: $case:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        #[should_panic]
        async fn $case() {
            replay_store::$group::$case(broken(stringify!($case))).await;
        }
    )*};
}

/// The same for a store that has room for so many.
macro_rules! refutes_bound {
    ($($group:ident: $case:ident,)*) => {$(
        #[tokio::test]
        #[should_panic]
        async fn $case() {
            replay_store::$group::$case(bounded(stringify!($case)), ROOM).await;
        }
    )*};
}

/// Stamps a test for each case: an outage may be shown neither as "first" nor as "used before".
macro_rules! refutes_outage {
    ($($group:ident: $case:ident,)*) => {$(
        #[tokio::test]
        async fn $case() {
            for first in [true, false] {
                let store = Severable::new(broken("none"));
                let hidden = Hidden { inner: store.clone(), first };
                let case = tokio::spawn(replay_store::$group::$case(hidden, async move || store.sever()));
                assert!(case.await.is_err(), "it passed a store that hides an outage: {first}");
            }
        }
    )*};
}

/// Stamps a test for each case: none of its calls may be answered.
macro_rules! refutes_each_answer {
    ($($group:ident: $case:ident,)*) => {$(
        #[tokio::test]
        async fn $case() {
            for answered in 0.. {
                let store = Severable::new(super::broken("none"));
                let cut = store.clone();
                let case = replay_store::$group::$case(store.clone(), async move || cut.sever_but(answered));
                if tokio::spawn(case).await.is_ok() {
                    assert_eq!(store.calls_since_the_cut(), answered, "it passed a store that answered in an outage");
                    break;
                }
            }
        }
    )*};
}

remint_conformance::__replay_store_cases! { [refutes] must }
remint_conformance::__replay_store_cases! { [refutes] concurrency }
remint_conformance::__replay_store_cases! { [refutes] shared }
remint_conformance::__replay_store_cases! { [refutes_bound] bound }
remint_conformance::__replay_store_cases! { [refutes_outage] outage }

mod each_call_of_an_outage {
    use super::{Severable, replay_store};

    remint_conformance::__replay_store_cases! { [refutes_each_answer] outage }
}

mod without_a_fault {
    use super::{ROOM, Severable, bounded, broken};

    remint_conformance::replay_store_suite!(async || (broken("none"), ()));

    remint_conformance::replay_store_shared_suite!(async || (broken("none"), ()));

    remint_conformance::replay_store_bound_suite!(async || (bounded("none"), ROOM));

    remint_conformance::replay_store_outage_suite!(async || {
        let store = Severable::new(broken("none"));
        (store.clone(), async move || store.sever())
    });
}

mod behind_an_arc {
    use super::{Arc, ReplayStore, broken};

    remint_conformance::replay_store_suite!(async || (Arc::new(broken("none")) as Arc<dyn ReplayStore>, ()));
}

#[tokio::test]
async fn a_connection_that_is_mended_remembers_what_was_used_before() {
    let store = Severable::new(broken("none"));
    assert!(first_use(&store, replay_key(1), NOON).await);
    store.sever();
    store.first_use(replay_key(2), NOON, NOON).await.unwrap_err();
    store.mend();
    assert!(!first_use(&store, replay_key(1), NOON).await);
    assert!(first_use(&store, replay_key(2), NOON).await, "what was not answered was not used");
}
