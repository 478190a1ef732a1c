use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::{KeyId, Subject, TenantId, Unavailable};

/// Whose budget a limit is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuotaHolder<'a> {
    /// A subject: all of a user's keys and tokens share one budget.
    Subject(&'a Subject),
    /// A tenant: all of its users share one budget.
    Tenant(&'a TenantId),
    /// One API key.
    Key(&'a KeyId),
}

/// What one request takes from one budget.
///
/// Charges draw on the same budget if and only if `limit`, `holder` and `window` are equal, in
/// whatever plan the limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaCharge<'a> {
    /// The limit's name.
    pub limit: &'a str,
    /// Whose budget it is.
    pub holder: QuotaHolder<'a>,
    /// The window that the limit's quota is stated for.
    pub window: Duration,
    /// How long it takes until one unit has come back.
    pub interval: Duration,
    /// How many units may be taken at once from a full budget.
    pub burst: u64,
    /// How many units are taken.
    pub cost: u64,
}

/// How a budget stands after a charge, or after it was refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuotaStanding {
    /// How many units could be taken now.
    pub remaining: u64,
    /// In how much time the budget is full again.
    pub full_in: Duration,
    /// `Some` if this budget does not hold the cost: in how much time it will.
    pub short_for: Option<Duration>,
}

/// What became of the charges of one call: the standings, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaTaken {
    standings: [QuotaStanding; Self::MAX],
    len: usize,
}

impl QuotaTaken {
    /// How many charges one call may have.
    pub const MAX: usize = 8;

    /// Collects standings; those beyond [`MAX`](Self::MAX) are passed over.
    #[must_use]
    pub fn new(standings: impl IntoIterator<Item = QuotaStanding>) -> Self {
        let mut taken = Self { standings: [QuotaStanding::default(); Self::MAX], len: 0 };
        for (place, standing) in taken.standings.iter_mut().zip(standings) {
            *place = standing;
            taken.len += 1;
        }
        taken
    }

    /// One for each charge.
    #[must_use]
    pub fn standings(&self) -> &[QuotaStanding] {
        self.standings.get(..self.len).unwrap_or_default()
    }

    /// The same, to change.
    pub fn standings_mut(&mut self) -> &mut [QuotaStanding] {
        self.standings.get_mut(..self.len).unwrap_or_default()
    }

    /// Whether every budget held its cost, and so all were charged.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.standings().iter().all(|standing| standing.short_for.is_none())
    }
}

/// An answer that is there at once, or comes.
pub enum QuotaAnswer<T> {
    /// It is there.
    Now(Result<T, Unavailable>),
    /// It comes from elsewhere.
    Later(QuotaFuture<T>),
}

/// An answer that comes from elsewhere.
pub type QuotaFuture<T> = Pin<Box<dyn Future<Output = Result<T, Unavailable>> + Send>>;

impl<T: fmt::Debug> fmt::Debug for QuotaAnswer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(answer) => f.debug_tuple("Now").field(answer).finish(),
            Self::Later(_) => f.debug_tuple("Later").finish_non_exhaustive(),
        }
    }
}

/// Counts against limits by the generic cell rate algorithm: a budget of `burst` units, one of which
/// comes back every `interval`.
///
/// # Contract
///
/// - All or nothing: if one budget does not hold its cost, none is charged; and no call sees
///   another's charges in part.
/// - However many calls there are at once, no budget yields more than `burst` units and one more for
///   each `interval` that has passed.
/// - A cost above `burst` is always refused, and a cost of nothing never, whatever is left.
/// - A clock that is set back gives each budget at most one refill.
/// - The charges of one call draw on different budgets, and are at most [`QuotaTaken::MAX`].
/// - A counter in this process answers [`QuotaAnswer::Now`] and allocates nothing for a budget that
///   it knows.
/// - Memory is bounded whatever is charged. A counter that must forget a budget forgets a fuller one
///   first.
/// - A counter that cannot count says [`Unavailable`], of the kind
///   [`QuotaCounter`](crate::UnavailableKind::QuotaCounter); it neither allows nor refuses.
pub trait QuotaCounter: fmt::Debug + Send + Sync + 'static {
    /// Takes each charge from its budget, all or none.
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken>;

    /// Gives back what was taken, for a request that was then refused elsewhere: all of it before any
    /// other call sees a part. A budget never holds more than its burst.
    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()>;
}

impl<T: QuotaCounter + ?Sized> QuotaCounter for Arc<T> {
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken> {
        (**self).take(charges)
    }

    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()> {
        (**self).give_back(charges)
    }
}
