//! The suite of every counter, on ours and through its wrappers.

use std::sync::Arc;

use remint_conformance::quota_counter::Severable;
use remint_quota::MemoryCounter;
use remint_testkit::ManualClock;

fn counter() -> (MemoryCounter, ManualClock, ()) {
    let clock = ManualClock::default();
    (MemoryCounter::new(clock.clone()), clock, ())
}

mod bare {
    use super::counter;

    remint_conformance::quota_counter_suite!(async || counter());
}

mod behind_an_arc {
    use super::{Arc, counter};

    remint_conformance::quota_counter_suite!(async || {
        let (counter, clock, alive) = counter();
        (Arc::new(counter), clock, alive)
    });
}

mod behind_a_connection {
    use super::{Arc, Severable, counter};

    remint_conformance::quota_counter_suite!(async || {
        let (counter, clock, alive) = counter();
        (Severable::new(Arc::new(counter)), clock, alive)
    });

    remint_conformance::quota_counter_outage_suite!(async || {
        let counter = Arc::new(Severable::new(counter().0));
        (counter.clone(), async move || counter.sever())
    });
}
