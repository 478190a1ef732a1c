use std::pin::pin;
use std::time::Duration;

use remint_core::{
    Authentication, CredentialRef, LogId, LoggedRevocation, Position, Revocation, Stamp, Target, Timestamp,
};

use tokio::sync::Notify;

use crate::hash::TargetHasher;
use crate::history::History;
use crate::moment::{Moment, millis};
use crate::row::{Applied, Row, Seconds};
use crate::shards::{Change, Shards};
use crate::sight::Sight;
use crate::sync::{AtomicU64, AtomicUsize, Mutex, MutexGuard, Ordering, PoisonError, SHARDS};
use crate::{Issued, TableStamp, TargetHashes};

/// What has been revoked, as this process knows it: target → latest row.
///
/// Asked twice: by every cached entry when it is read, and once about
/// the credential itself after it was authenticated ([`RevocationTable::refuses`]), because an
/// external JWT would verify again with a fresh stamp.
///
/// A row takes 57 bytes, and 130 right after the table has grown ([`bytes`](Self::bytes)). Targets are kept as 128
/// bits of a keyed hash.
#[derive(Debug)]
pub struct RevocationTable {
    /// The stamp of the latest row; a hit reads nothing else as long as it does not move.
    applied: AtomicU64,
    /// `None`: the log is this process's own, and always known to its end.
    sight: Option<Sight>,
    rows: Shards,
    hasher: TargetHasher,
    history: History,
    /// Whoever waits for the next row.
    changed: Notify,
    /// Whoever writes holds it.
    writing: Mutex<Writing>,
    row_count: AtomicUsize,
    byte_count: AtomicUsize,
    /// In milliseconds.
    retention: AtomicU64,
}

#[derive(Debug, Default)]
struct Writing {
    /// When the newest row was written.
    newest: Seconds,
    /// The part that is cleaned next.
    hand: u64,
}

impl RevocationTable {
    /// An empty table that keeps rows for 25 hours: longer than any token or entry made before
    /// them lives, at the default `max_lifetime` of 24 hours.
    pub(crate) fn new(sight: Option<Sight>) -> Self {
        Self::with_retention(sight, Duration::from_secs(25 * 3600))
    }

    pub(crate) fn with_retention(sight: Option<Sight>, retention: Duration) -> Self {
        Self {
            applied: AtomicU64::new(0),
            sight,
            rows: Shards::new(),
            hasher: TargetHasher::default(),
            history: History::default(),
            changed: Notify::new(),
            writing: Mutex::default(),
            row_count: AtomicUsize::new(0),
            byte_count: AtomicUsize::new(0),
            retention: AtomicU64::new(millis(retention)),
        }
    }

    /// Keeps rows for at least `retention` from now on (25 hours unless set): at least the longest `max_lifetime` of a
    /// trusted issuer and the longest internal token's, with leeway. Say it before such an issuer is trusted.
    pub fn retain_at_least(&self, retention: Duration) {
        self.retention.fetch_max(millis(retention), Ordering::AcqRel);
    }

    /// For how long rows are kept.
    pub(crate) fn retention(&self) -> Duration {
        Duration::from_millis(self.retention.load(Ordering::Acquire))
    }

    /// How recently the log was looked at; `None` if that does not matter.
    pub(crate) const fn sight(&self) -> Option<&Sight> {
        self.sight.as_ref()
    }

    /// This moment, for [`vouches`](Self::vouches). Read it before authentication begins.
    #[inline]
    #[must_use]
    pub fn moment(&self) -> Moment {
        self.sight.as_ref().map(Sight::now).unwrap_or_default()
    }

    /// Whether what was authenticated at this moment may be answered by without asking anybody. It may not if this
    /// process has not looked at the log for a second, because it was suspended; nor if the log has not answered since
    /// the last complete reading began, or this moment if that is later, for as long as
    /// [is allowed](crate::Revocations::with_max_staleness). Ask it before the [`stamp`](Self::stamp) is read.
    #[inline]
    #[must_use]
    pub fn vouches(&self, authenticated: Moment) -> bool {
        match &self.sight {
            None => true,
            Some(sight) => sight.vouches(authenticated),
        }
    }

    /// Whether the log was looked at within the last second, and read within what is allowed.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.vouches(Moment::default())
    }

    /// The stamp of this moment. Read it before authentication begins.
    #[inline]
    #[must_use]
    pub fn stamp(&self) -> TableStamp {
        TableStamp(self.applied.load(Ordering::Acquire))
    }

    /// Returns once a row was applied after `stamp`.
    pub async fn changed_after(&self, stamp: TableStamp) {
        let mut changed = pin!(self.changed.notified());
        changed.as_mut().enable();
        if self.stamp() == stamp {
            changed.await;
        }
    }

    /// Up to where the log was read and applied, for the `rev` of a token; `None` if nobody outside this process can
    /// follow the log. Read it before authentication begins.
    #[must_use]
    pub fn read_up_to(&self) -> Option<Stamp> {
        self.history.read_up_to()
    }

    /// Applies one row that stands in no log, or not yet. When this returns, no entry stamped before it answers for
    /// its target.
    pub fn apply(&self, revocation: &Revocation) {
        self.apply_at(revocation, None, revocation.at);
    }

    /// Applies one row of the log that is followed, like [`apply`](Self::apply).
    pub fn apply_logged(&self, row: &LoggedRevocation) {
        self.apply_at(&row.revocation, Some(row.position), row.logged_at);
    }

    fn apply_at(&self, revocation: &Revocation, place: Option<Position>, written: Timestamp) {
        let mut writing = self.writing();
        let stamp = TableStamp(self.applied.load(Ordering::Acquire) + 1);
        let history = self.history.number();
        writing.newest = writing.newest.max(written.into());
        let row = Applied { revocation, place, written: written.into(), history, stamp };
        let target = self.hasher.hash(&revocation.target);
        self.count(self.rows.update(target, || Row::new(history), |held| held.take(row)));
        self.applied.store(stamp.0, Ordering::Release);
        self.changed.notify_waiters();
        if stamp.0.is_multiple_of(ROWS_PER_PURGE) {
            self.purge(&mut writing);
        }
    }

    /// Cleans one part. By the rows' own times: whatever the clock does, a row is not older than those before it.
    fn purge(&self, writing: &mut Writing) {
        let retention = self.retention.load(Ordering::Acquire) / 1000 + 1;
        let horizon = Seconds(writing.newest.0.saturating_sub(u32::try_from(retention).unwrap_or(u32::MAX)));
        self.count(self.rows.purge(writing.hand, horizon));
        writing.hand = (writing.hand + 1) % SHARDS as u64;
    }

    fn count(&self, change: Change) {
        self.row_count.fetch_add(change.rows.cast_unsigned(), Ordering::Relaxed);
        self.byte_count.fetch_add(change.bytes.cast_unsigned(), Ordering::Relaxed);
    }

    /// How many targets have a row.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.row_count.load(Ordering::Relaxed)
    }

    /// How many bytes the rows take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.byte_count.load(Ordering::Relaxed)
    }

    /// Follows this log from now on. If it is another one than before, the positions of the rows so far mean nothing
    /// any more: what they ended is told by its time.
    pub(crate) fn begin(&self, log: &LogId, shared: bool) {
        let _writing = self.writing();
        self.history.begin(log, shared);
    }

    /// Notes that all rows up to this one were applied.
    pub(crate) fn read_to(&self, position: Position) {
        self.history.read_to(position);
    }

    /// Whether this row of the log was applied, or a later one of its target.
    pub(crate) fn knows(&self, row: &Revocation, stamp: &Stamp) -> bool {
        let history = self.history.of(&stamp.log);
        let held = self.row(&row.target);
        history.zip(held).is_some_and(|(history, held)| held.knows(stamp.position, row.effect, history))
    }

    /// Makes every entry be forgotten, ending nothing: for a node that missed rows.
    pub fn forget_entries(&self, now: Timestamp) {
        self.apply(&Revocation::changed(Target::Everything, now));
    }

    /// The short names under which an entry keeps its targets.
    #[must_use]
    pub fn hashes(&self, targets: &[Target]) -> TargetHashes {
        TargetHashes(targets.iter().map(|target| self.hasher.hash(target)).collect())
    }

    /// Whether one of the targets has a row after `stamp`.
    #[must_use]
    pub fn is_dead(&self, targets: &TargetHashes, stamp: TableStamp) -> bool {
        targets.0.iter().any(|target| self.rows.get(*target).is_some_and(|row| row.stamp > stamp))
    }

    /// Whether the credential itself was revoked.
    ///
    /// A listed token, session, key or credential of another kind is refused for good. For an external subject,
    /// tenant, issuer and for everything, a token is refused if it was issued, or its user last authenticated, up to
    /// where the row [reaches](Revocation::reaches_to); for a client, whatever was issued up to then. What our own
    /// store holds the source of (a user and their keys) the store has answered already; about a credential of
    /// another kind nobody asked it, so that its user counts as an external subject does.
    #[must_use]
    pub fn refuses(&self, authentication: &Authentication) -> bool {
        if self.stamp() == TableStamp(0) {
            return false;
        }
        let identity = &authentication.identity;
        let issued = identity.auth_time.map_or(authentication.issued_at, |at| at.min(authentication.issued_at));
        let other = matches!(identity.credential, CredentialRef::Other { .. });
        let external = other || matches!(identity.credential, CredentialRef::Jwt { .. });
        authentication.targets().iter().any(|target| match target {
            _ if is_one(target) => self.ended_until(target).is_some(),
            Target::Subject { .. } | Target::Tenant(_) | Target::Issuer(_) | Target::Everything => {
                external && self.row(target).is_some_and(|row| row.ends_issued_at(issued))
            }
            // Its authenticator has not asked our store.
            Target::User(_) => other && self.row(target).is_some_and(|row| row.ends_issued_at(issued)),
            Target::Client(_) => self.row(target).is_some_and(|row| row.ends_issued_at(authentication.issued_at)),
            _ => false,
        })
    }

    /// Whether an internal token was ended: one that is presented again to be exchanged, or behind the edge. Nobody
    /// else is asked about it, so that users and keys count too.
    ///
    /// A token, session or key is ended for good. Anything else ended what was issued by an issuer that had not
    /// read its row yet (`rev`); where the token does not say how far its issuer had read this log, what was issued up
    /// to where the row [reaches](Revocation::reaches_to).
    #[must_use]
    pub fn ended<'a>(&self, targets: &[Target], issued: impl Into<Issued<'a>>) -> bool {
        if self.stamp() == TableStamp(0) {
            return false;
        }
        let Issued { at, rev } = issued.into();
        let read = rev.and_then(|rev| Some((rev.position, self.history.of(&rev.log)?)));
        targets.iter().any(|target| {
            let Some(row) = self.row(target) else { return false };
            match read {
                _ if is_one(target) => row.reaches_to().is_some(),
                Some((position, history)) => row.ends_issued_after(position, at, history),
                None => row.ends_issued_at(at),
            }
        })
    }

    /// Whether one of the targets ended or changed after this place of the log that is followed: whoever had read no
    /// further may know less than this process. `false` for another log's.
    #[must_use]
    pub fn is_after(&self, targets: &[Target], stamp: &Stamp) -> bool {
        let Some(history) = self.history.of(&stamp.log) else { return false };
        targets.iter().any(|target| self.row(target).is_some_and(|row| row.is_after(stamp.position, history)))
    }

    /// Until when tokens that name this target are issued dead, if it was ended: up to where its rows
    /// [reach](Revocation::reaches_to), inclusive.
    #[must_use]
    pub fn ended_until(&self, target: &Target) -> Option<Timestamp> {
        self.row(target)?.reaches_to()
    }

    /// Whether one of the targets has a row after `stamp`.
    #[must_use]
    pub fn overtaken(&self, targets: &[Target], stamp: TableStamp) -> bool {
        self.stamp() != stamp && self.is_dead(&self.hashes(targets), stamp)
    }

    fn row(&self, target: &Target) -> Option<Row> {
        self.rows.get(self.hasher.hash(target))
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it names one credential or login: what has ended does not begin again.
const fn is_one(target: &Target) -> bool {
    matches!(
        target,
        Target::Token { .. }
            | Target::SigningInput(_)
            | Target::Session { .. }
            | Target::Key(_)
            | Target::Credential { .. }
    )
}

/// How many rows are applied until one part is cleaned.
const ROWS_PER_PURGE: u64 = 16;
