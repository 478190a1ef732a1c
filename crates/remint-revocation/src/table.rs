use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use remint_core::{Authentication, LogId, LoggedRevocation, Position, Revocation, Stamp, Target, Timestamp};

use tokio::sync::Notify;

use crate::coarse::{Coarse, coarser, wider};
use crate::hash::TargetHasher;
use crate::history::History;
use crate::judge;
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
    coarse: Coarse,
    /// From how many bytes on rows become coarser.
    max_bytes: AtomicUsize,
    hasher: TargetHasher,
    history: History,
    /// Told of each row.
    changed: Notify,
    /// Held while a row is written.
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
            coarse: Coarse::new(),
            max_bytes: AtomicUsize::new(MAX_BYTES),
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
        let is_full = self.bytes() >= self.max_bytes.load(Ordering::Acquire);
        // What stands in no log, or not yet, nobody else could tell.
        if is_full && place.is_some() && self.rows.get(target).is_none() {
            let coarser = self.hasher.hash(&coarser(revocation));
            self.coarse.update(coarser, || Row::new(history), |held| held.take(row));
        } else {
            self.count(self.rows.update(target, || Row::new(history), |held| held.take(row)));
        }
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
        self.coarse.purge(horizon);
        writing.hand = (writing.hand + 1) % SHARDS as u64;
    }

    fn count(&self, change: Change) {
        self.row_count.fetch_add(change.rows.cast_unsigned(), Ordering::Relaxed);
        self.byte_count.fetch_add(change.bytes.cast_unsigned(), Ordering::Relaxed);
    }

    /// Takes no more memory than about this many bytes (256 MiB unless set). Rows that there is no room for become
    /// coarser: the user in the place of the key, the issuer in that of the subject. They never vanish. A coarse row
    /// sends caches to the source, and the log itself is asked whether a token has ended
    /// ([`Revocations::ended`](crate::Revocations::ended)).
    pub fn set_max_bytes(&self, bytes: usize) {
        self.max_bytes.store(bytes, Ordering::Release);
    }

    /// Whether there are coarse rows, so that the log may have to be asked.
    #[must_use]
    pub fn is_coarse(&self) -> bool {
        !self.coarse.is_empty()
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
        let Some(history) = self.history.of(&stamp.log) else { return false };
        let knows = |held: Option<Row>| held.is_some_and(|held| held.knows(stamp.position, row.effect, history));
        knows(self.row(&row.target)) || knows(self.coarse.get(self.hasher.hash(&coarser(row))))
    }

    /// Makes every entry be forgotten, ending nothing: for a node that missed rows.
    pub fn forget_entries(&self, now: Timestamp) {
        self.apply(&Revocation::changed(Target::Everything, now));
    }

    /// The short names under which an entry keeps its targets.
    #[must_use]
    pub fn hashes(&self, targets: &[Target]) -> TargetHashes {
        let mut names: Vec<_> = targets.iter().map(|target| self.hasher.hash(target)).collect();
        for wider in targets.iter().filter_map(wider) {
            let name = self.hasher.hash(&wider);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        TargetHashes(names.into())
    }

    /// Whether one of the targets has a row after `stamp`.
    #[must_use]
    pub fn is_dead(&self, targets: &TargetHashes, stamp: TableStamp) -> bool {
        let is_later = |row: Option<Row>| row.is_some_and(|row| row.stamp > stamp);
        let is_coarse = !self.coarse.is_empty();
        targets
            .0
            .iter()
            .any(|target| is_later(self.rows.get(*target)) || is_coarse && is_later(self.coarse.get(*target)))
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
        self.stamp() != TableStamp(0) && (self.refuses_surely(authentication) || self.may_refuse(authentication))
    }

    /// The same by exact rows alone.
    pub(crate) fn refuses_surely(&self, authentication: &Authentication) -> bool {
        judge::refuses(authentication, |target| self.row(target))
    }

    /// Whether a coarse row may stand for one that ends the credential.
    pub(crate) fn may_refuse(&self, authentication: &Authentication) -> bool {
        self.may_have_ended(&authentication.targets(), Issued::from(authentication.issued_at))
    }

    /// Whether an internal token was ended: one that is presented again to be exchanged, or behind the edge. Nobody
    /// else is asked about it, so that users and keys count too.
    ///
    /// A token, session or key is ended for good. Anything else ended what was issued by an issuer that had not
    /// read its row yet (`rev`); where the token does not say how far its issuer had read this log, what was issued up
    /// to where the row [reaches](Revocation::reaches_to).
    #[must_use]
    pub fn ended<'a>(&self, targets: &[Target], issued: impl Into<Issued<'a>>) -> bool {
        let issued = issued.into();
        self.stamp() != TableStamp(0) && (self.ended_surely(targets, issued) || self.may_have_ended(targets, issued))
    }

    /// The same by exact rows alone.
    pub(crate) fn ended_surely(&self, targets: &[Target], issued: Issued<'_>) -> bool {
        judge::ended(targets, issued.at, self.read_by(issued), |target| self.row(target))
    }

    /// Whether a coarse row may stand for one that ended the token.
    pub(crate) fn may_have_ended(&self, targets: &[Target], issued: Issued<'_>) -> bool {
        if self.coarse.is_empty() {
            return false;
        }
        let read = self.read_by(issued);
        self.hashes(targets).0.iter().filter_map(|target| self.coarse.get(*target)).any(|row| match read {
            Some((position, history)) => row.ends_issued_after(position, issued.at, history),
            // Of a token or key it would count whatever the time.
            None => row.reaches_to().is_some(),
        })
    }

    /// Whether these rows, read from the log just now, ended the token.
    pub(crate) fn ended_by(&self, rows: &[LoggedRevocation], targets: &[Target], issued: Issued<'_>) -> bool {
        let rows = self.exact(rows);
        judge::ended(targets, issued.at, self.read_by(issued), |target| rows.get(target).copied())
    }

    /// Whether these rows, read from the log just now, end the credential.
    pub(crate) fn refused_by(&self, rows: &[LoggedRevocation], authentication: &Authentication) -> bool {
        let rows = self.exact(rows);
        judge::refuses(authentication, |target| rows.get(target).copied())
    }

    fn exact<'r>(&self, rows: &'r [LoggedRevocation]) -> HashMap<&'r Target, Row> {
        let (history, stamp) = (self.history.number(), self.stamp());
        let mut exact = HashMap::new();
        for row in rows {
            let (place, written) = (Some(row.position), row.logged_at.into());
            let held = exact.entry(&row.revocation.target).or_insert_with(|| Row::new(history));
            held.take(Applied { revocation: &row.revocation, place, written, history, stamp });
        }
        exact
    }

    /// How far the issuer had read this process's log.
    fn read_by(&self, issued: Issued<'_>) -> Option<(Position, u16)> {
        issued.rev.and_then(|rev| Some((rev.position, self.history.of(&rev.log)?)))
    }

    /// Whether one of the targets ended or changed after this place of the log that is followed: whoever had read no
    /// further may know less than this process. `false` for another log's.
    #[must_use]
    pub fn is_after(&self, targets: &[Target], stamp: &Stamp) -> bool {
        let Some(history) = self.history.of(&stamp.log) else { return false };
        let is_after = |row: Option<Row>| row.is_some_and(|row| row.is_after(stamp.position, history));
        self.hashes(targets).0.iter().any(|name| is_after(self.rows.get(*name)) || is_after(self.coarse.get(*name)))
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

/// How many rows are applied until one part is cleaned.
const ROWS_PER_PURGE: u64 = 16;

const MAX_BYTES: usize = 256 << 20;
