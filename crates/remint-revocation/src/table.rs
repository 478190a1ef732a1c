use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use remint_core::{Authentication, CLOCK_SKEW, CredentialRef, Effect, Revocation, Target, Timestamp};

use crate::{TableStamp, TargetHashes};

/// What has been revoked, as this process knows it: target → latest row.
///
/// Asked twice: by every cached entry when it is read, and once about
/// the credential itself after it was authenticated ([`RevocationTable::refuses`]), because an
/// external JWT would verify again with a fresh stamp.
#[derive(Debug)]
pub struct RevocationTable {
    /// The stamp of the latest row; a hit reads nothing else as long as it does not move.
    applied: AtomicU64,
    rows: RwLock<Rows>,
    hasher: RandomState,
    /// In milliseconds.
    retention: AtomicU64,
}

#[derive(Debug, Default)]
struct Rows {
    /// By the target's hash: two targets that share one make each other's entries be forgotten,
    /// never be kept.
    latest: HashMap<u64, (TableStamp, Timestamp)>,
    ended: HashMap<Target, Timestamp>,
    purge_at: usize,
}

impl RevocationTable {
    /// How far an issuer's clock may be from ours.
    pub const SKEW: Duration = CLOCK_SKEW;

    /// An empty table that keeps rows for 25 hours: longer than any token or entry made before
    /// them lives, at the default `max_lifetime` of 24 hours.
    pub(crate) fn new() -> Self {
        Self::with_retention(Duration::from_secs(25 * 3600))
    }

    fn with_retention(retention: Duration) -> Self {
        let retention = AtomicU64::new(millis(retention));
        Self { applied: AtomicU64::new(0), rows: RwLock::default(), hasher: RandomState::new(), retention }
    }

    /// Keeps rows for at least `retention` from now on (25 hours unless set): at least the longest `max_lifetime` of a
    /// trusted issuer and the longest internal token's, with leeway. Say it before such an issuer is trusted.
    pub fn retain_at_least(&self, retention: Duration) {
        self.retention.fetch_max(millis(retention), Ordering::AcqRel);
    }

    /// The stamp of this moment. Read it before authentication begins.
    #[inline]
    #[must_use]
    pub fn stamp(&self) -> TableStamp {
        TableStamp(self.applied.load(Ordering::Acquire))
    }

    /// Applies one row. When this returns, no entry stamped before it answers for its target.
    pub fn apply(&self, revocation: &Revocation) {
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        let next = TableStamp(self.applied.load(Ordering::Acquire) + 1);
        rows.latest.insert(self.hash(&revocation.target), (next, revocation.at));
        if revocation.effect == Effect::Ended {
            let at = rows.ended.entry(revocation.target.clone()).or_insert(revocation.at);
            *at = revocation.at.max(*at);
        }
        if rows.latest.len() > rows.purge_at {
            // By the rows' own times: whatever the clock does, a row is not older than those before it.
            let horizon = revocation.at.saturating_sub(Duration::from_millis(self.retention.load(Ordering::Acquire)));
            rows.latest.retain(|_, (_, at)| *at >= horizon);
            rows.ended.retain(|_, at| *at >= horizon);
            rows.purge_at = rows.latest.len() * 2 + 1024;
        }
        self.applied.store(next.0, Ordering::Release);
    }

    /// Makes every entry be forgotten, ending nothing: for a node that missed rows.
    pub fn forget_entries(&self, now: Timestamp) {
        self.apply(&Revocation::changed(Target::Everything, now));
    }

    /// The short names under which an entry keeps its targets.
    #[must_use]
    pub fn hashes(&self, targets: &[Target]) -> TargetHashes {
        TargetHashes(targets.iter().map(|target| self.hash(target)).collect())
    }

    /// Whether one of the targets has a row after `stamp`.
    #[must_use]
    pub fn is_dead(&self, targets: &TargetHashes, stamp: TableStamp) -> bool {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        targets.0.iter().any(|target| rows.latest.get(target).is_some_and(|(at, _)| *at > stamp))
    }

    /// Whether the credential itself was revoked.
    ///
    /// A listed token, session or key is refused for good. For an external subject, tenant, issuer
    /// and for everything, a token is refused if it was issued, or its user last authenticated, up to
    /// the row's time plus [`SKEW`](Self::SKEW); for a client, whatever was issued up to then. What our own store holds
    /// the source of (a user and their keys) the store has answered already.
    #[must_use]
    pub fn refuses(&self, authentication: &Authentication) -> bool {
        if self.stamp() == TableStamp(0) {
            return false;
        }
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let identity = &authentication.identity;
        let issued = identity.auth_time.map_or(authentication.issued_at, |at| at.min(authentication.issued_at));
        let external = matches!(identity.credential, CredentialRef::Jwt { .. });
        authentication.targets().iter().any(|target| match target {
            Target::Token { .. } | Target::SigningInput(_) | Target::Session { .. } | Target::Key(_) => {
                rows.ended.contains_key(target)
            }
            Target::Subject { .. } | Target::Tenant(_) | Target::Issuer(_) | Target::Everything => {
                external && rows.ended.get(target).is_some_and(|at| issued <= at.saturating_add(Self::SKEW))
            }
            Target::Client(_) => {
                rows.ended.get(target).is_some_and(|at| authentication.issued_at <= at.saturating_add(Self::SKEW))
            }
            _ => false,
        })
    }

    /// Whether an internal token of ours, presented again to be exchanged, was ended: nobody else is asked
    /// about it, so that users and keys count too. A target counts if its row is not older than the token.
    #[must_use]
    pub fn ended(&self, targets: &[Target], issued_at: Timestamp) -> bool {
        if self.stamp() == TableStamp(0) {
            return false;
        }
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        targets.iter().any(|target| match target {
            Target::Token { .. } | Target::SigningInput(_) | Target::Session { .. } | Target::Key(_) => {
                rows.ended.contains_key(target)
            }
            _ => rows.ended.get(target).is_some_and(|at| issued_at <= at.saturating_add(Self::SKEW)),
        })
    }

    /// Until when tokens that name this target are issued dead, if it was ended: the time of its last row plus
    /// [`SKEW`](Self::SKEW), inclusive.
    #[must_use]
    pub fn ended_until(&self, target: &Target) -> Option<Timestamp> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        rows.ended.get(target).map(|at| at.saturating_add(Self::SKEW))
    }

    /// Whether one of the targets has a row after `stamp`.
    #[must_use]
    pub fn overtaken(&self, targets: &[Target], stamp: TableStamp) -> bool {
        self.stamp() != stamp && self.is_dead(&self.hashes(targets), stamp)
    }

    fn hash(&self, target: &Target) -> u64 {
        self.hasher.hash_one(target)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use remint_core::KeyId;

    use super::*;

    fn key(id: u32) -> Target {
        Target::Key(KeyId::new(format!("k{id}")).unwrap())
    }

    fn row(id: u32, at: u64) -> Revocation {
        Revocation::ended(key(id), Timestamp::from_secs(at))
    }

    fn is_kept(table: &RevocationTable, id: u32) -> bool {
        table.ended(&[key(id)], Timestamp::from_secs(0))
    }

    #[test]
    fn rows_are_forgotten_only_after_the_retention() {
        let table = RevocationTable::with_retention(Duration::from_secs(100));
        table.apply(&row(1, 1000));
        (2..4000).for_each(|id| table.apply(&row(id, 1050)));
        assert!(is_kept(&table, 1));
        (4000..20_000).for_each(|id| table.apply(&row(id, 1200)));
        assert!(!is_kept(&table, 1));
    }

    #[test]
    fn rows_are_kept_for_longer_once_an_issuer_is_trusted_whose_tokens_live_longer() {
        let table = RevocationTable::with_retention(Duration::from_secs(100));
        table.retain_at_least(Duration::from_secs(1000));
        table.retain_at_least(Duration::from_secs(10));
        table.apply(&row(1, 1000));
        (2..20_000).for_each(|id| table.apply(&row(id, 2000)));
        assert!(is_kept(&table, 1));
    }
}
