use std::time::Duration;

use crate::checker::Promise;
use crate::database::Kind;
use crate::faults::Fault;
use crate::node::Sabotage;
use crate::random::Random;
use crate::run::Plan;

impl Plan {
    /// Each fault once, some of them at the same time: less than a minute.
    #[must_use]
    pub fn short(store: Kind, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut rounds: Vec<Vec<Fault>> = vec![Vec::new()];
        for fault in Fault::each(store, &mut random) {
            // What is about one node goes with what is about another party.
            let with = rounds
                .iter_mut()
                .skip(1)
                .find(|round| round.len() == 1 && round.iter().all(|other| fault.is_apart_from(*other)));
            match with {
                Some(round) => round.push(fault),
                None => rounds.push(vec![fault]),
            }
        }
        Self {
            store,
            seed,
            rounds,
            time: Duration::MAX,
            hold: SHORT,
            revocations: 16,
            batch: 4,
            promise: promise(SHORT_STALENESS),
            sabotage: None,
        }
    }

    /// One calm round, with one node that is broken in this way.
    #[must_use]
    pub fn broken(fault: Sabotage) -> Self {
        Self { rounds: vec![Vec::new()], sabotage: Some((1, fault)), ..Self::short(Kind::Sqlite, 1) }
    }

    /// Each fault and every pair of them, with so many revocations in all.
    #[must_use]
    pub fn long(store: Kind, seed: u64, revocations: usize) -> Self {
        let mut random = Random::new(seed);
        let mut rounds: Vec<Vec<Fault>> = vec![Vec::new()];
        rounds.extend(Fault::each(store, &mut random).into_iter().map(|fault| vec![fault]));
        let singles = rounds.len();
        // Pairs of other nodes each time.
        let kinds = Fault::each(store, &mut random).len();
        for first in 0..kinds {
            for second in first + 1..kinds {
                for _ in 0..TRIES {
                    let (one, two) = (Fault::each(store, &mut random), Fault::each(store, &mut random));
                    let (Some(one), Some(two)) = (one.get(first), two.get(second)) else { continue };
                    if one.goes_with(*two) {
                        rounds.push(vec![*one, *two]);
                        break;
                    }
                }
            }
        }
        // In no order, so that a run that is cut short has pairs of each fault.
        for place in (singles + 1..rounds.len()).rev() {
            rounds.swap(place, singles + random.below(place + 1 - singles));
        }
        let revocations = revocations.div_ceil(rounds.len());
        Self {
            store,
            seed,
            rounds,
            time: Duration::MAX,
            hold: LONG,
            revocations,
            batch: 60,
            promise: promise(LONG_STALENESS),
            sabotage: None,
        }
    }
}

/// With a staleness that is shorter than faults last, so that they show both what is before it and what is after.
const fn promise(max_staleness: Duration) -> Promise {
    let second = Duration::from_secs(1);
    Promise { bound: second, poll: second, max_staleness, leeway: Duration::from_secs(30) }
}

const SHORT: Duration = Duration::from_millis(2_400);
const SHORT_STALENESS: Duration = Duration::from_millis(1_600);
const LONG: Duration = Duration::from_secs(5);
const LONG_STALENESS: Duration = Duration::from_millis(3_500);

/// Of nodes for a pair, until they are different ones.
const TRIES: usize = 20;
