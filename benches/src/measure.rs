//! Alternating rounds: the machine's speed drifts, so every contestant runs in every round, and what
//! is compared are medians over rounds of one run.

use std::time::Instant;

/// One contestant: a name and an operation.
pub struct Contestant<'a> {
    name: String,
    run: Box<dyn FnMut() + 'a>,
}

impl std::fmt::Debug for Contestant<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contestant").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Contestant<'a> {
    /// An operation to be timed.
    pub fn new(name: impl Into<String>, run: impl FnMut() + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// What was measured of one contestant.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Nanoseconds for one operation: the median over rounds, and the quartiles.
    pub nanos: f64,
    /// The lower quartile.
    pub low: f64,
    /// The upper quartile.
    pub high: f64,
    /// Allocations in one operation.
    pub allocations: u64,
    /// Bytes allocated in one operation.
    pub bytes: u64,
}

/// Times all contestants in alternating rounds, each round about `round_ms` milliseconds long.
pub fn rounds(contestants: &mut [Contestant<'_>], rounds: usize, round_ms: u64) -> Vec<Row> {
    let mut calls = Vec::new();
    for contestant in contestants.iter_mut() {
        for _ in 0..2_000 {
            (contestant.run)();
        }
        let start = Instant::now();
        let mut count = 0_u64;
        while start.elapsed().as_micros() < 20_000 {
            (contestant.run)();
            count += 1;
        }
        calls.push((count * round_ms / 20).max(1));
    }
    let mut samples = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for ((contestant, calls), samples) in contestants.iter_mut().zip(&calls).zip(&mut samples) {
            let start = Instant::now();
            for _ in 0..*calls {
                (contestant.run)();
            }
            samples.push(start.elapsed().as_nanos() as f64 / *calls as f64);
        }
    }
    let mut rows = Vec::new();
    for (contestant, mut samples) in contestants.iter_mut().zip(samples) {
        samples.sort_by(f64::total_cmp);
        let at = |part: usize| samples.get(samples.len() * part / 4).copied().unwrap_or(f64::NAN);
        let counted = allocation_counter::measure(|| (0..64).for_each(|_| (contestant.run)()));
        rows.push(Row {
            name: contestant.name.clone(),
            nanos: at(2),
            low: at(1),
            high: at(3),
            allocations: counted.count_total / 64,
            bytes: counted.bytes_total / 64,
        });
    }
    rows
}
