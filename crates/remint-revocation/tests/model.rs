//! A revocation during a fill, in every interleaving of the threads and every order in which they may see what the
//! others wrote: the sources of the table, with a checker's locks and atomics in the place of the operating system's.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(unreachable_pub, dead_code, unused_imports, reason = "files of the library, of which the test uses a part")]

#[path = "../src/coarse.rs"]
mod coarse;
#[path = "../src/hash.rs"]
mod hash;
#[path = "../src/history.rs"]
mod history;
#[path = "../src/issued.rs"]
mod issued;
#[path = "../src/judge.rs"]
mod judge;
#[path = "../src/moment.rs"]
mod moment;
#[path = "../src/row.rs"]
mod row;
#[path = "../src/shards.rs"]
mod shards;
#[path = "../src/sight.rs"]
mod sight;
#[path = "../src/stamp.rs"]
mod stamp;
#[path = "../src/table.rs"]
mod table;

/// What `src/sync.rs` is in the library.
mod sync {
    pub(crate) use std::sync::PoisonError;

    pub(crate) use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockWriteGuard};

    pub(crate) const SHARDS: usize = 2;
}

use std::panic::{AssertUnwindSafe, catch_unwind};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;
use remint_core::{Revocation, Target, Timestamp};

use crate::issued::Issued;
use crate::moment::Moment;
use crate::stamp::{TableStamp, TargetHashes};
use crate::table::RevocationTable;

/// In which order things are done; all others than the first are mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Right,
    /// The revocation is acknowledged before its row is applied.
    AcknowledgedFirst,
    /// The stamp is read once the caller is authenticated.
    StampedLast,
    /// The row is applied before the source has changed.
    AppliedFirst,
    /// The front notes the stamp of after it asked the table.
    CheckedLast,
}

/// One credential: the store that says whether it is good, the table, and the cache.
struct World {
    is_good: AtomicBool,
    is_acknowledged: AtomicBool,
    table: RevocationTable,
    targets: TargetHashes,
    /// The stamp of the entry, if there is one, and up to which row a front knows it to be alive.
    entry: Mutex<Option<(TableStamp, Option<TableStamp>)>>,
    order: Order,
}

impl World {
    fn new(order: Order) -> Self {
        let table = RevocationTable::new(None);
        Self {
            is_good: AtomicBool::new(true),
            is_acknowledged: AtomicBool::new(false),
            targets: table.hashes(&[Target::Everything]),
            table,
            entry: Mutex::new(None),
            order,
        }
    }

    fn revoke(&self) {
        let row = Revocation::ended(Target::Everything, Timestamp::from_secs(1));
        if self.order == Order::AppliedFirst {
            self.table.apply(&row);
        }
        self.is_good.store(false, Ordering::Release);
        if self.order == Order::AcknowledgedFirst {
            self.is_acknowledged.store(true, Ordering::Release);
        }
        if self.order != Order::AppliedFirst {
            self.table.apply(&row);
        }
        self.is_acknowledged.store(true, Ordering::Release);
    }

    fn fill(&self) {
        let before = self.table.stamp();
        let is_good = self.is_good.load(Ordering::Acquire);
        let stamp = if self.order == Order::StampedLast { self.table.stamp() } else { before };
        if is_good {
            *self.entry.lock().unwrap() = Some((stamp, None));
        }
    }

    /// As a front does: one load while nothing has moved, and else the table.
    fn answers(&self) -> bool {
        let mut entry = self.entry.lock().unwrap();
        let Some((made, checked)) = &mut *entry else { return false };
        let mut stamp = self.table.stamp();
        if *checked == Some(stamp) {
            return true;
        }
        if self.table.is_dead(&self.targets, *made) {
            *entry = None;
            return false;
        }
        if self.order == Order::CheckedLast {
            stamp = self.table.stamp();
        }
        *checked = Some(stamp);
        true
    }

    /// A request that is sent now.
    fn ask(&self) {
        let is_too_late = self.is_acknowledged.load(Ordering::Acquire);
        assert!(!(self.answers() && is_too_late), "answered after the revocation was acknowledged");
    }
}

fn check(order: Order) {
    loom::model(move || {
        let world = Arc::new(World::new(order));
        let [filling, revoking] = [World::fill, World::revoke].map(|work| {
            let world = Arc::clone(&world);
            thread::spawn(move || work(&world))
        });
        world.ask();
        world.ask();
        filling.join().unwrap();
        revoking.join().unwrap();
        world.ask();
    });
}

#[test]
fn no_entry_answers_after_the_revocation_was_acknowledged() {
    check(Order::Right);
}

#[test]
fn the_model_notices_each_mistake() {
    for order in [Order::AcknowledgedFirst, Order::StampedLast, Order::AppliedFirst, Order::CheckedLast] {
        let noticed = catch_unwind(AssertUnwindSafe(|| check(order)));
        assert!(noticed.is_err(), "{order:?}");
    }
}
