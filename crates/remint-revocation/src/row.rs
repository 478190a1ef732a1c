use remint_core::{Effect, Position, Revocation, Timestamp};

use crate::TableStamp;

/// What the table knows of one target: 40 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// Of the latest row.
    pub(crate) stamp: TableStamp,
    /// Of the latest row that has one in this history; 0 if none has.
    latest: Position,
    /// Of the latest row that ended it; 0 if none has one.
    ended: Position,
    /// Up to when what was issued has ended.
    reaches_to: Timestamp,
    /// When the latest row was written, in seconds.
    written: u32,
    /// Of which history the positions are.
    history: u16,
    is_ended: bool,
    /// Whether a row without position ended it.
    is_unplaced: bool,
}

/// One row to apply.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applied<'a> {
    pub(crate) revocation: &'a Revocation,
    pub(crate) place: Option<Position>,
    pub(crate) written: Seconds,
    pub(crate) history: u16,
    pub(crate) stamp: TableStamp,
}

/// A moment in whole seconds, which a row has room for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seconds(pub(crate) u32);

impl From<Timestamp> for Seconds {
    fn from(at: Timestamp) -> Self {
        Self(u32::try_from(at.as_secs()).unwrap_or(u32::MAX))
    }
}

impl Row {
    /// Of a target that nothing is known of.
    pub(crate) const fn new(history: u16) -> Self {
        Self {
            stamp: TableStamp(0),
            latest: Position(0),
            ended: Position(0),
            reaches_to: Timestamp::from_secs(0),
            written: 0,
            history,
            is_ended: false,
            is_unplaced: false,
        }
    }

    /// Takes in one more row. The order does not matter, nor does repetition, but for the stamp.
    pub(crate) fn take(&mut self, row: Applied<'_>) {
        if self.history != row.history {
            *self = Self { is_unplaced: self.is_ended, latest: Position(0), ended: Position(0), ..*self };
            self.history = row.history;
        }
        self.stamp = row.stamp;
        self.written = self.written.max(row.written.0);
        self.latest = self.latest.max(row.place.unwrap_or_default());
        if row.revocation.effect == Effect::Ended {
            self.is_ended = true;
            self.reaches_to = self.reaches_to.max(row.revocation.reaches_to());
            // What has a position now had none before: it was applied here before it was read.
            self.is_unplaced = row.place.is_none();
            self.ended = self.ended.max(row.place.unwrap_or_default());
        }
    }

    /// When the latest row was written.
    pub(crate) const fn written(&self) -> Seconds {
        Seconds(self.written)
    }

    /// Up to when what was issued has ended, if it was ended.
    pub(crate) fn reaches_to(&self) -> Option<Timestamp> {
        self.is_ended.then_some(self.reaches_to)
    }

    /// Whether it ended what was issued up to then.
    pub(crate) fn ends_issued_at(&self, at: Timestamp) -> bool {
        self.is_ended && at <= self.reaches_to
    }

    /// Whether it ended what was issued at `at` by someone who had read this history up to `read`.
    pub(crate) fn ends_issued_after(&self, read: Position, at: Timestamp, history: u16) -> bool {
        if self.history != history {
            return self.ends_issued_at(at);
        }
        self.ended > read || self.is_unplaced && self.ends_issued_at(at)
    }

    /// Whether a row of this effect was taken in that stands at this position of this history, or later.
    pub(crate) fn knows(&self, position: Position, effect: Effect, history: u16) -> bool {
        let latest = match effect {
            Effect::Ended => self.ended,
            Effect::Changed => self.latest,
        };
        self.history == history && latest >= position
    }

    /// Whether a row of this history stands after this position.
    pub(crate) fn is_after(&self, read: Position, history: u16) -> bool {
        self.history == history && self.latest > read
    }
}
