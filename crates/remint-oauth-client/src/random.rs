use std::time::Duration;

/// A moment between nothing and `limit`, each as likely: "full jitter". Without randomness it is
/// `limit`.
pub(crate) fn up_to(limit: Duration) -> Duration {
    let mut bytes = [0_u8; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => limit.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)),
        Err(_) => limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_never_more_than_the_limit_and_not_always_the_same() {
        let limit = Duration::from_secs(1);
        let drawn: Vec<_> = (0..100).map(|_| up_to(limit)).collect();
        assert!(drawn.iter().all(|wait| *wait <= limit));
        assert!(drawn.iter().any(|wait| *wait < limit / 2) && drawn.iter().any(|wait| *wait > limit / 2));
    }
}
