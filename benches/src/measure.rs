//! Alternating rounds: the machine's speed drifts, so every contestant runs in every round, and what
//! is compared are medians over rounds of one run.

use std::time::{Duration, Instant};

use allocation_counter::{AllocationInfo, measure};

/// One contestant: a name and an operation. What the operation works on is made outside the timed part,
/// in batches small enough for the processor's caches.
pub struct Contestant<'a> {
    name: String,
    batch: Box<dyn FnMut() -> Batch + 'a>,
}

/// One batch: how long it took, and what it allocated.
struct Batch {
    took: Duration,
    allocated: AllocationInfo,
}

impl std::fmt::Debug for Contestant<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contestant").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Contestant<'a> {
    /// An operation that works on nothing made for it.
    pub fn new(name: impl Into<String>, mut run: impl FnMut() + 'a) -> Self {
        Self::on(name, || (), move |()| run())
    }

    /// An operation on what `make` makes. What it returns is dropped outside the timed part.
    pub fn on<T, R>(
        name: impl Into<String>,
        mut make: impl FnMut() -> T + 'a,
        mut run: impl FnMut(T) -> R + 'a,
    ) -> Self {
        let batch = move || {
            let inputs: Vec<T> = (0..BATCH).map(|_| make()).collect();
            let mut outputs = Vec::with_capacity(BATCH);
            let mut took = Duration::ZERO;
            let allocated = measure(|| {
                let start = Instant::now();
                outputs.extend(inputs.into_iter().map(&mut run));
                took = start.elapsed();
            });
            Batch { took, allocated }
        };
        Self { name: name.into(), batch: Box::new(batch) }
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

/// Times all contestants in alternating rounds, each about `round_ms` milliseconds long.
pub fn rounds(contestants: &mut [Contestant<'_>], rounds: usize, round_ms: u64) -> Vec<Row> {
    let mut samples = vec![Vec::new(); contestants.len()];
    let mut allocated = vec![(0, 0); contestants.len()];
    // The first round warms up.
    for round in 0..=rounds {
        for ((contestant, samples), allocated) in contestants.iter_mut().zip(&mut samples).zip(&mut allocated) {
            let (mut took, mut batches) = (Duration::ZERO, 0_u32);
            while took < Duration::from_millis(round_ms) {
                let batch = (contestant.batch)();
                took += batch.took;
                batches += 1;
                *allocated = (batch.allocated.count_total, batch.allocated.bytes_total);
            }
            if round > 0 {
                samples.push(took.as_nanos() as f64 / (f64::from(batches) * BATCH as f64));
            }
        }
    }
    let rows = contestants.iter().zip(samples).zip(allocated).map(|((contestant, mut samples), (count, bytes))| {
        samples.sort_by(f64::total_cmp);
        let at = |part: usize| samples.get(samples.len() * part / 4).copied().unwrap_or(f64::NAN);
        let (allocations, bytes) = (count / BATCH as u64, bytes / BATCH as u64);
        Row { name: contestant.name.clone(), nanos: at(2), low: at(1), high: at(3), allocations, bytes }
    });
    rows.collect()
}

/// Operations in one timed batch.
const BATCH: usize = 64;
