use std::time::{Duration, Instant};

/// Makes refusals leave on the beat: at a whole multiple of [`BEAT`](Self::BEAT) after they began.
///
/// A store takes a little longer to find a key than to find none: in memory 0.3 µs, which a hundred
/// thousand samples show beyond doubt. Whoever is refused is not to learn from it whether their text
/// was a key once, so what a look-up took within a beat is not to be seen. Of a store that takes many
/// beats, the noise of its own input and output hides the rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    began: Instant,
}

impl Pace {
    /// Several times what a look-up in memory takes, and nothing beside an HTTP request.
    const BEAT: Duration = Duration::from_micros(10);

    pub(super) fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// Waits for the next beat. It spins, since no timer is as fine.
    pub(super) fn hold(self) {
        let beats = self.began.elapsed().as_nanos() / Self::BEAT.as_nanos() + 1;
        let until = Self::BEAT.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX));
        while self.began.elapsed() < until {
            std::hint::spin_loop();
        }
    }
}

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
