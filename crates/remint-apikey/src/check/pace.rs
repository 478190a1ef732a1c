use std::hash::{BuildHasher as _, RandomState};
use std::hint::spin_loop;
use std::time::{Duration, Instant};

/// Makes refusals leave on the beat: at a whole multiple of [`BEAT`](Self::BEAT) after they began, and a
/// little later at random.
///
/// A store takes a little longer to find a key than to find none: in memory 0.3 µs, which a hundred
/// thousand samples show beyond doubt. Whoever is refused is not to learn from it whether their text
/// was a key once, so what a look-up took within a beat is not to be seen. Of a store that takes many
/// beats, the noise of its own input and output hides the rest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    began: Instant,
}

impl Pace {
    /// Several times what a look-up in memory takes, and nothing beside an HTTP request.
    const BEAT: Duration = Duration::from_micros(10);

    pub(crate) fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// Waits for the next beat, and at random a little longer. It spins, since no timer is as fine.
    ///
    /// What remains after the beat (how far the clock was overrun, what the caches hold) is less than a
    /// nanosecond in the mean; the random part drowns it.
    pub(crate) fn hold(self) {
        let beats = self.began.elapsed().as_nanos() / Self::BEAT.as_nanos() + 1;
        let beat = Self::BEAT.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX));
        let until = beat.saturating_add(Duration::from_nanos(RandomState::new().hash_one(()) % JITTER));
        while self.began.elapsed() < until {
            spin_loop();
        }
    }
}

/// In nanoseconds.
const JITTER: u64 = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_leaves_before_the_beat() {
        let pace = Pace::start();
        pace.hold();
        assert!(pace.began.elapsed() >= Pace::BEAT);
        let late = Pace { began: Instant::now().checked_sub(Pace::BEAT * 3 / 2).unwrap() };
        late.hold();
        assert!(late.began.elapsed() >= Pace::BEAT * 2);
    }
}
