use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use remint_core::{CredentialForm, DeniedClass, DeniedKind, Timestamp};

use crate::telemetry;

/// From how many failed credentials in one minute something is said, and something else answered. They are
/// counted by the caller's address (IPv6 by /64) and by the non-secret beginning of API keys.
///
/// A credential that is valid passes in any case: the verdict comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailureLimits {
    /// One log line when so many have failed, and again at each tenfold; `None`: none.
    pub warn_at: Option<u32>,
    /// Callers beyond so many hear 429 in place of 401; `None`: they hear 401.
    pub limit: Option<u32>,
}

impl FailureLimits {
    /// A warning at a hundred failures, and no limit.
    #[must_use]
    pub const fn new() -> Self {
        Self { warn_at: Some(100), limit: None }
    }

    /// Warns at so many, or never.
    #[must_use]
    pub const fn warn_at(mut self, failures: Option<u32>) -> Self {
        self.warn_at = failures;
        self
    }

    /// Answers 429 beyond so many.
    #[must_use]
    pub const fn limit(mut self, failures: Option<u32>) -> Self {
        self.limit = failures;
        self
    }
}

impl Default for FailureLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// What is not secret of a text that may be an API key.
pub(crate) type Beginning = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Counts failed credentials in a room of fixed size.
///
/// Counts are kept in a sketch (four rows of counters, each name in one counter of each row, by a hash that
/// strangers cannot compute; a name's count is its least counter). Nothing is evicted, so nobody hides behind
/// others: a count is never too low, and too high only where all four counters are shared with names that fail a
/// lot. All counts end with the minute.
pub(crate) struct Failures {
    limits: FailureLimits,
    beginning: Option<Beginning>,
    hash: [RandomState; ROWS],
    counts: Mutex<Counts>,
}

struct Counts {
    minute: u64,
    addresses: Sketch,
    keys: Sketch,
    lines: u32,
}

/// Who failed, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed<'a> {
    pub(crate) address: Option<IpAddr>,
    pub(crate) form: Option<CredentialForm>,
    pub(crate) text: Option<&'a str>,
}

impl Failures {
    pub(crate) fn new(limits: FailureLimits, beginning: Option<Beginning>) -> Self {
        let counts = Counts { minute: 0, addresses: Sketch::new(), keys: Sketch::new(), lines: 0 };
        Self { limits, beginning, hash: std::array::from_fn(|_| RandomState::new()), counts: Mutex::new(counts) }
    }

    /// Counts a credential that failed for this reason: what the caller is told.
    pub(crate) fn judge(&self, kind: DeniedKind, failed: Failed<'_>, now: Timestamp) -> DeniedKind {
        if !is_failure(kind) {
            return kind;
        }
        let text = failed.text.filter(|_| failed.form == Some(CredentialForm::ApiKey));
        let key = self.beginning.as_ref().zip(text).and_then(|(beginning, text)| beginning(text));
        let address = failed.address.map(network);
        let mut counts = self.counts(now.as_secs() / 60);
        let by_address = address.map_or(0, |address| counts.addresses.add(&self.places(address)));
        let by_key = key.as_ref().map_or(0, |key| counts.keys.add(&self.places(key)));
        let warns = |count: u32| self.limits.warn_at.is_some_and(|at| is_crossing(count, at));
        let (tell_address, tell_key) = (warns(by_address), warns(by_key));
        if tell_address || tell_key {
            counts.lines += 1;
        }
        let lines = counts.lines;
        drop(counts);
        if tell_address || tell_key {
            let (address, key) = (address.filter(|_| tell_address), key.as_deref().filter(|_| tell_key));
            telemetry::many_failures(address, key, by_address.max(by_key), kind, lines);
        }
        let most = by_address.max(by_key);
        let limited = self.limits.limit.is_some_and(|limit| most > limit);
        let passed = self.limits.warn_at.is_some_and(|at| most >= at);
        telemetry::failed(failed.form, limited, passed);
        if limited { DeniedKind::TooManyFailures } else { kind }
    }

    fn counts(&self, minute: u64) -> MutexGuard<'_, Counts> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.minute != minute {
            counts.minute = minute;
            counts.lines = 0;
            counts.addresses.clear();
            counts.keys.clear();
        }
        counts
    }

    fn places(&self, name: impl std::hash::Hash) -> [u64; ROWS] {
        std::array::from_fn(|row| self.hash.get(row).map_or(0, |hash| hash.hash_one(&name)))
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures").field("limits", &self.limits).finish_non_exhaustive()
    }
}

struct Sketch(Box<[u32]>);

impl Sketch {
    fn new() -> Self {
        Self(vec![0; ROWS * WIDTH].into())
    }

    /// The name's count, with this one. Of its counters only those are raised that hold its count: the others
    /// are higher because of other names.
    fn add(&mut self, places: &[u64; ROWS]) -> u32 {
        let cells: [usize; ROWS] = std::array::from_fn(|row| {
            let place = places.get(row).copied().unwrap_or_default();
            row * WIDTH + usize::try_from(place % WIDTH as u64).unwrap_or_default()
        });
        let least = cells.iter().filter_map(|cell| self.0.get(*cell)).min().copied().unwrap_or_default();
        let count = least.saturating_add(1);
        for cell in cells {
            if let Some(held) = self.0.get_mut(cell) {
                *held = count.max(*held);
            }
        }
        count
    }

    fn clear(&mut self) {
        self.0.fill(0);
    }
}

/// Whether the credential is at fault, or who sends it: 401, and a key from an address that it is not bound to.
/// A request that holds none, or asks for too much, is no attempt at one.
fn is_failure(kind: DeniedKind) -> bool {
    match kind.class() {
        DeniedClass::InvalidToken => kind != DeniedKind::UnknownScheme,
        DeniedClass::InvalidDpopProof => true,
        _ => kind == DeniedKind::Network,
    }
}

/// At `at`, ten times that, a hundred times that, …
fn is_crossing(count: u32, at: u32) -> bool {
    let mut next = u64::from(at.max(1));
    while next < u64::from(count) {
        next *= 10;
    }
    next == u64::from(count)
}

/// An IPv6 address stands for its /64: one customer has no less.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

const ROWS: usize = 4;
/// Counters in a row: 64 KiB for all addresses, and as much for all keys.
const WIDTH: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(limit: u32) -> Failures {
        let beginning: Beginning = Arc::new(|text| text.get(..4).map(str::to_owned));
        Failures::new(FailureLimits::new().limit(Some(limit)), Some(beginning))
    }

    fn from(address: &str) -> Failed<'static> {
        Failed { address: Some(address.parse().unwrap()), form: Some(CredentialForm::Jwt), text: None }
    }

    fn judge(failures: &Failures, failed: Failed<'_>, second: u64) -> DeniedKind {
        failures.judge(DeniedKind::Signature, failed, Timestamp::from_secs(second))
    }

    #[test]
    fn beyond_the_limit_an_address_hears_so_until_the_minute_ends_and_others_do_not() {
        let failures = failures(3);
        for _ in 0..3 {
            assert_eq!(judge(&failures, from("192.0.2.1"), 60), DeniedKind::Signature);
        }
        assert_eq!(judge(&failures, from("192.0.2.1"), 119), DeniedKind::TooManyFailures);
        assert_eq!(judge(&failures, from("192.0.2.2"), 119), DeniedKind::Signature);
        assert_eq!(judge(&failures, from("192.0.2.1"), 120), DeniedKind::Signature);
        let unknown = Failed { address: None, form: None, text: None };
        for _ in 0..10 {
            assert_eq!(judge(&failures, unknown, 120), DeniedKind::Signature, "nobody to count it by");
        }
    }

    #[test]
    fn an_address_of_ipv6_counts_with_its_64_and_a_mapped_one_as_ipv4() {
        let failures = failures(3);
        for last in 1..=3 {
            judge(&failures, from(&format!("2001:db8::{last}")), 60);
            judge(&failures, from("::ffff:192.0.2.1"), 60);
        }
        assert_eq!(judge(&failures, from("2001:db8::ffff"), 60), DeniedKind::TooManyFailures);
        assert_eq!(judge(&failures, from("2001:db8:0:1::1"), 60), DeniedKind::Signature);
        assert_eq!(judge(&failures, from("192.0.2.1"), 60), DeniedKind::TooManyFailures);
    }

    #[test]
    fn a_key_is_counted_by_its_beginning_wherever_it_comes_from() {
        let failures = failures(3);
        let key = |number: u8, text| Failed {
            address: Some(IpAddr::from([192, 0, 2, number])),
            form: Some(CredentialForm::ApiKey),
            text: Some(text),
        };
        for number in 1..=3 {
            assert_eq!(judge(&failures, key(number, "abcd-1"), 60), DeniedKind::Signature);
        }
        assert_eq!(judge(&failures, key(4, "abcd-2"), 60), DeniedKind::TooManyFailures);
        assert_eq!(judge(&failures, key(5, "efgh-2"), 60), DeniedKind::Signature);
    }

    #[test]
    fn nobody_hides_behind_a_hundred_thousand_others_and_few_of_those_are_taken_for_another() {
        let failures = failures(10);
        for _ in 0..11 {
            judge(&failures, from("198.51.100.1"), 60);
        }
        let others = (0..100_000_u32).filter(|number| {
            let address = IpAddr::from((0x0a00_0000 + number).to_be_bytes());
            let failed = Failed { address: Some(address), ..from("::") };
            judge(&failures, failed, 60) == DeniedKind::TooManyFailures
        });
        // Each counter holds some 24 of them; the least of four is what counts.
        _ = others.count();
        assert_eq!(judge(&failures, from("198.51.100.1"), 60), DeniedKind::TooManyFailures);
        assert_eq!(failures.counts(1).addresses.0.len(), ROWS * WIDTH, "the room is what it was");
    }

    #[test]
    fn a_few_thousand_who_fail_once_are_not_taken_for_one_another() {
        let failures = failures(10);
        for number in 0..4_000_u32 {
            let address = Some(IpAddr::from((0x0a00_0000 + number).to_be_bytes()));
            assert_eq!(judge(&failures, Failed { address, ..from("::") }, 60), DeniedKind::Signature, "{number}");
        }
    }

    #[test]
    fn what_says_nothing_of_a_credential_is_not_counted() {
        let failures = failures(0);
        for kind in [DeniedKind::NoCredential, DeniedKind::InsufficientScope, DeniedKind::TwoCredentials] {
            assert_eq!(failures.judge(kind, from("192.0.2.1"), Timestamp::from_secs(60)), kind);
        }
        for kind in [DeniedKind::UnknownApiKey, DeniedKind::Network, DeniedKind::DpopProof, DeniedKind::Structure] {
            let told = failures.judge(kind, from("192.0.2.1"), Timestamp::from_secs(60));
            assert_eq!(told, DeniedKind::TooManyFailures, "{kind:?}");
        }
    }

    #[test]
    fn a_line_is_due_at_the_rate_and_at_each_tenfold() {
        let due: Vec<_> = (1..=20_000).filter(|count| is_crossing(*count, 100)).collect();
        assert_eq!(due, [100, 1_000, 10_000]);
    }
}
