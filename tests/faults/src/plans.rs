use std::time::Duration;

use crate::checker::Promise;
use crate::database::Kind;
use crate::faults::Fault;
use crate::random::Random;
use crate::run::Plan;

impl Plan {
    /// Each fault once and some pairs, in about half a minute.
    #[must_use]
    pub fn short(store: Kind, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let each = Fault::each(store, &mut random);
        let mut rounds: Vec<Vec<Fault>> = vec![Vec::new()];
        rounds.extend(each.into_iter().map(|fault| vec![fault]));
        Self { store, seed, rounds, hold: SHORT, revocations: 24, batch: 4, promise: PROMISE, sabotage: None }
    }

    /// Each fault and every pair of them, with so many revocations in all.
    #[must_use]
    pub fn long(store: Kind, seed: u64, revocations: usize) -> Self {
        let mut random = Random::new(seed);
        let mut rounds: Vec<Vec<Fault>> = vec![Vec::new()];
        rounds.extend(Fault::each(store, &mut random).into_iter().map(|fault| vec![fault]));
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
        let revocations = revocations.div_ceil(rounds.len());
        Self { store, seed, rounds, hold: LONG, revocations, batch: 60, promise: PROMISE, sabotage: None }
    }
}

const PROMISE: Promise = Promise {
    bound: Duration::from_secs(1),
    poll: Duration::from_secs(1),
    // Shorter than faults last, so that they show both what is before it and what is after.
    max_staleness: Duration::from_millis(2_200),
    leeway: Duration::from_secs(30),
};

const SHORT: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(5);

/// Of nodes for a pair, until they are different ones.
const TRIES: usize = 20;
