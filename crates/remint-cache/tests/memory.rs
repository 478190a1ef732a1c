//! The memory tier: what answers, and when it stops.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use remint_cache::{Cached, Fingerprint, Fingerprinter, MemoryTier, Negatives, Validity};
use remint_core::{
    DeniedKind, Effect, KeyId, ManualSteadyClock, Revocation, Slot, SystemClock, Target, Timestamp, UserId,
};
use remint_revocation::{MemoryLog, Moment, RevocationTable, Revocations, TableStamp};

#[derive(Clone, Debug, PartialEq)]
struct Value(u32, Arc<Vec<u8>>);

impl Cached for Value {
    fn weight(&self) -> u32 {
        u32::try_from(self.1.len()).unwrap()
    }

    fn for_thread(&self) -> Self {
        Self(self.0, Arc::new(self.1.to_vec()))
    }
}

const T0: Timestamp = Timestamp::from_secs(1_000);
const LATER: Timestamp = Timestamp::from_secs(2_000);

fn value(number: u32) -> Value {
    Value(number, Arc::new(vec![0; 500]))
}

fn table() -> Arc<RevocationTable> {
    Arc::clone(Revocations::in_memory(SystemClock).unwrap().table())
}

fn tier(capacity: u64) -> (MemoryTier<Value>, Arc<RevocationTable>, Fingerprinter) {
    let table = table();
    (MemoryTier::new(capacity, table.clone()), table, Fingerprinter::new("a", "p").unwrap())
}

fn name(maker: &Fingerprinter, number: u32) -> Fingerprint {
    maker.fingerprint(Slot::Bearer, &number.to_be_bytes())
}

fn row(target: Target, effect: Effect) -> Revocation {
    Revocation::new(target, effect, T0)
}

/// Of what is authenticated now.
fn from_now(table: &RevocationTable) -> Validity {
    Validity { use_until: LATER, stamp: table.stamp(), authenticated: table.moment() }
}

fn key(id: &str) -> Target {
    Target::Key(KeyId::new(id).unwrap())
}

#[test]
fn an_entry_answers_until_its_end_and_not_at_it() {
    let (tier, table, maker) = tier(1 << 20);
    let one = name(&maker, 1);
    tier.insert(one, value(1), from_now(&table), &[], T0);
    for _ in 0..3 {
        assert_eq!(tier.get(&one, Timestamp::from_millis(LATER.as_millis() - 1)), Some(value(1)));
    }
    assert_eq!(tier.get(&one, LATER), None, "also from the thread's front");
    assert_eq!(tier.get(&one, T0), None, "and it does not come back");
    assert_eq!(tier.get(&name(&maker, 2), T0), None);
}

#[test]
fn an_entry_of_later_does_not_answer_when_the_clock_was_set_back() {
    let (tier, table, maker) = tier(1 << 20);
    let one = name(&maker, 1);
    tier.insert(one, value(1), from_now(&table), &[], T0);
    let back = |seconds| T0.saturating_sub(Duration::from_secs(seconds));
    for _ in 0..2 {
        assert_eq!(tier.get(&one, back(30)), Some(value(1)), "corrected a little");
    }
    assert_eq!(tier.get(&one, back(31)), None, "also from the front");
}

#[test]
fn only_as_many_threads_as_run_at_once_have_a_front_and_all_are_answered() {
    let (tier, table, maker) = tier(1 << 20);
    let one = name(&maker, 1);
    tier.insert(one, value(1), from_now(&table), &[key("k1")], T0);
    let ask = || {
        std::thread::scope(|scope| {
            let asking: Vec<_> =
                (0..64).map(|_| scope.spawn(|| (0..3).map(|_| tier.get(&one, T0)).collect::<Vec<_>>())).collect();
            asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        })
    };
    assert!(ask().iter().all(Option::is_some));
    table.apply(&row(key("k1"), Effect::Ended));
    assert!(ask().iter().all(Option::is_none), "a revocation holds with a front and without one");
}

#[test]
fn a_revocation_holds_when_an_entry_is_read_also_from_the_front() {
    for effect in [Effect::Ended, Effect::Changed] {
        let (tier, table, maker) = tier(1 << 20);
        let (one, two) = (name(&maker, 1), name(&maker, 2));
        let validity = from_now(&table);
        tier.insert(one, value(1), validity, &[Target::Everything, key("k1")], T0);
        tier.insert(two, value(2), validity, &[Target::Everything, key("k2")], T0);
        assert!(tier.get(&one, T0).is_some() && tier.get(&two, T0).is_some());
        table.apply(&row(key("k1"), effect));
        assert_eq!(tier.get(&one, T0), None);
        assert_eq!(tier.get(&two, T0), Some(value(2)), "others live on");
        table.forget_entries(T0);
        assert_eq!(tier.get(&two, T0), None);
    }
}

#[test]
fn a_fill_that_began_before_a_revocation_is_dead() {
    let (tier, table, maker) = tier(1 << 20);
    let stamp = table.stamp();
    table.apply(&row(key("k1"), Effect::Ended));
    let entry = tier.insert(
        name(&maker, 1),
        value(1),
        Validity { use_until: LATER, stamp, authenticated: table.moment() },
        &[key("k1")],
        T0,
    );
    assert!(tier.is_revoked(&entry));
    assert_eq!(tier.get(&name(&maker, 1), T0), None);
    let stamp = table.stamp();
    let entry = tier.insert(
        name(&maker, 1),
        value(1),
        Validity { use_until: LATER, stamp, authenticated: table.moment() },
        &[key("k1")],
        T0,
    );
    assert!(!tier.is_revoked(&entry), "authenticated after it");
    assert!(tier.get(&name(&maker, 1), T0).is_some());
}

#[test]
fn a_second_entry_of_one_fingerprint_replaces_the_first_everywhere_once_the_first_is_dead() {
    let (tier, table, maker) = tier(1 << 20);
    let one = name(&maker, 1);
    tier.insert(one, value(1), from_now(&table), &[key("k1")], T0);
    assert!(tier.get(&one, T0).is_some());
    table.apply(&row(key("k1"), Effect::Changed));
    tier.insert(one, value(2), from_now(&table), &[key("k1")], T0);
    assert_eq!(tier.get(&one, T0), Some(value(2)));
}

#[test]
fn the_byte_weight_bounds_what_is_held() {
    let (tier, table, maker) = tier(1 << 20);
    for number in 0..20_000 {
        let one = name(&maker, number);
        tier.insert(one, value(number), from_now(&table), &[], T0);
        tier.get(&one, T0);
    }
    let (weight, entries) = tier.usage();
    assert!(weight <= 1 << 20 && entries > 100, "{weight} {entries}");
}

#[test]
fn the_front_holds_more_names_than_places_without_mixing_them_up() {
    let (tier, table, maker) = tier(64 << 20);
    for round in 0..3 {
        for number in 0..5_000 {
            let one = name(&maker, number);
            if round == 0 {
                tier.insert(one, value(number), from_now(&table), &[], T0);
            }
            assert_eq!(tier.get(&one, T0), Some(value(number)));
        }
    }
}

#[test]
fn negative_entries_are_short_lived_and_forgotten_on_any_change() {
    let table = table();
    let negatives = Negatives::new(100, table.clone());
    let one = name(&Fingerprinter::new("a", "p").unwrap(), 1);
    negatives.insert(one, DeniedKind::UnknownApiKey, table.stamp(), T0);
    let within = T0.saturating_add(Duration::from_millis(1999));
    assert_eq!(negatives.get(&one, within), Some(DeniedKind::UnknownApiKey));
    assert_eq!(negatives.get(&one, T0.saturating_add(Duration::from_secs(2))), None);
    table.apply(&row(Target::User(UserId::new("u").unwrap()), Effect::Changed));
    assert_eq!(negatives.get(&one, within), None);
}

#[test]
fn a_denial_that_another_look_could_change_is_not_kept() {
    let table = table();
    let negatives = Negatives::new(100, table.clone());
    let one = name(&Fingerprinter::new("a", "p").unwrap(), 1);
    for kind in [DeniedKind::UnknownKeyId, DeniedKind::NotYetValid, DeniedKind::Environment] {
        negatives.insert(one, kind, table.stamp(), T0);
        assert_eq!(negatives.get(&one, T0), None, "{kind:?}");
    }
}

#[test]
fn bogus_credentials_push_out_only_each_other() {
    let table = table();
    let negatives = Negatives::new(1_000, table.clone());
    let maker = Fingerprinter::new("a", "p").unwrap();
    for number in 0..100_000 {
        negatives.insert(name(&maker, number), DeniedKind::Signature, table.stamp(), T0);
    }
    assert!(negatives.len() <= 1_000, "{}", negatives.len());
}

#[test]
fn without_a_table_an_entry_answers_until_its_end_whatever_it_is_named_by() {
    let tier = MemoryTier::new(1 << 20, None);
    let negatives = Negatives::new(100, None);
    let maker = Fingerprinter::new("a", "p").unwrap();
    let validity = Validity { use_until: LATER, stamp: TableStamp::default(), authenticated: Moment::default() };
    let entry = tier.insert(name(&maker, 1), value(1), validity, &[Target::Everything], T0);
    negatives.insert(name(&maker, 2), DeniedKind::Signature, TableStamp::default(), T0);
    for _ in 0..3 {
        assert_eq!(tier.get(&name(&maker, 1), T0), Some(value(1)));
    }
    assert_eq!(tier.get(&name(&maker, 1), LATER), None);
    assert!(!tier.is_revoked(&entry));
    assert_eq!(negatives.get(&name(&maker, 2), T0), Some(DeniedKind::Signature));
}

#[tokio::test(start_paused = true)]
async fn an_entry_answers_no_longer_than_the_log_was_looked_at_and_again_once_it_was() {
    let steady = ManualSteadyClock::default();
    let log = Arc::new(MemoryLog::new(10).unwrap());
    let revocations = Revocations::follow_by(log, SystemClock, steady.clone()).await.unwrap();
    let table = Arc::clone(revocations.table());
    let (tier, maker) = (MemoryTier::new(1 << 20, Arc::clone(&table)), Fingerprinter::new("a", "p").unwrap());
    let one = name(&maker, 1);
    let validity = from_now(&table);
    tier.insert(one, value(1), validity, &[key("k1")], T0);
    for _ in 0..3 {
        // From behind the front first, and then from it.
        for _ in 0..3 {
            assert!(tier.get(&one, T0).is_some());
        }
        steady.advance(Duration::from_secs(1));
        assert!(tier.get(&one, T0).is_none() && tier.entry(&one, T0).is_none());
        revocations.stay_in_step().await.unwrap();
    }
    assert!(tier.get(&one, T0).is_some());
}
