use std::time::Duration;

use remint_core::SteadyClock;

/// The time since the machine was started, the time that it was suspended included (`CLOCK_BOOTTIME`).
///
/// Where the operating system has no such clock, its monotonic one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BootClock;

impl SteadyClock for BootClock {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn elapsed(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn elapsed(&self) -> Duration {
        static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
        BEGAN.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_forward() {
        let before = BootClock.elapsed();
        assert!(BootClock.elapsed() >= before && before > Duration::ZERO);
    }
}
