use http::HeaderName;

use crate::beginnings::{Beginnings, folded, sieved};

/// What a watched header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Authorization,
    ApiKey,
    /// A JWT stands there.
    Jwt,
    /// What a token under the scheme DPoP is proven with.
    Proof,
    Cookie,
    Connection,
    Strip,
}

/// The headers worth a look. Most of a request's names are told apart by one bit.
#[derive(Debug, Clone)]
pub(crate) struct WatchList {
    entries: Vec<(HeaderName, Role)>,
    sieve: Sieve,
    stripped: Beginnings,
}

/// One header of a request that is on the list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) index: usize,
    pub(crate) role: Role,
    /// The name of an entry as it is, in any case. Otherwise it has `_` where the entry has `-`, or begins like what is
    /// stripped.
    pub(crate) exact: bool,
}

impl WatchList {
    /// How many headers can be watched.
    pub(crate) const MAX: usize = 60;

    /// The first entry must be `authorization`. What begins like one of `stripped`, and is no entry, has the
    /// role [`Role::Strip`].
    pub(crate) fn new(entries: Vec<(HeaderName, Role)>, stripped: Beginnings) -> Self {
        let mut sieve = Sieve::default();
        for (name, _) in &entries {
            sieve.add(name.as_str().as_bytes());
        }
        Self { entries, sieve, stripped }
    }

    #[inline]
    pub(crate) fn see(&self, name: &[u8]) -> Option<Seen> {
        // Both without a branch: almost every name is neither.
        if !self.sieve.may_hold(name) & !self.stripped.may_begin(name) {
            return None;
        }
        // The first entry, as it is mostly written.
        if name == b"authorization" {
            return Some(Seen { index: 0, role: Role::Authorization, exact: true });
        }
        self.find(name)
    }

    fn find(&self, name: &[u8]) -> Option<Seen> {
        let entry = self.entries.iter().enumerate().find_map(|(index, (watched, role))| {
            let watched = watched.as_str().as_bytes();
            if watched.len() != name.len() {
                return None;
            }
            // Mostly a name comes as it is written here, and is compared as a whole.
            if watched == name || watched.eq_ignore_ascii_case(name) {
                return Some(Seen { index, role: *role, exact: true });
            }
            let is_alike = watched.iter().zip(name).all(|(a, b)| folded(*a) == folded(*b));
            is_alike.then_some(Seen { index, role: *role, exact: false })
        });
        entry.or_else(|| self.stripped.begin(name).then_some(Seen { index: 0, role: Role::Strip, exact: false }))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = (usize, &HeaderName)> {
        self.entries.iter().map(|(name, _)| name).enumerate()
    }
}

/// What extraction saw that must be removed before the request goes on: handed back to [`Extractor::strip`].
///
/// [`Extractor::strip`]: crate::Extractor::strip
// One word: the low bits are watched headers that stand there under their exact name, by index; the high
// ones say what else there is. It is copied on every request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Removals(u64);

impl Removals {
    /// What is not known by the index of its name: look-alikes, and what begins like what is stripped.
    pub(crate) const OTHERS: Self = Self(1 << 61);
    pub(crate) const COOKIE: Self = Self(1 << 62);
    pub(crate) const CONNECTION: Self = Self(1 << 63);

    /// The header of this index: at most [`WatchList::MAX`] of them.
    pub(crate) const fn header(index: usize) -> Self {
        Self(1 << (index % 60))
    }

    pub(crate) const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Tells most names that are not on the list by length and last letter: the same for a name, its look-alikes and
/// its other cases. Of sixty common header names, one shares a bit with one of the default list's.
#[derive(Debug, Clone, Copy, Default)]
struct Sieve {
    low: u64,
    high: u64,
}

impl Sieve {
    fn add(&mut self, name: &[u8]) {
        let place = Self::place(name);
        let word = if place & 64 == 0 { &mut self.low } else { &mut self.high };
        *word |= 1 << (place % 64);
    }

    /// `false` is certain.
    #[inline]
    fn may_hold(self, name: &[u8]) -> bool {
        let place = Self::place(name);
        let word = if place & 64 == 0 { self.low } else { self.high };
        word & (1 << (place % 64)) != 0
    }

    #[inline]
    fn place(name: &[u8]) -> usize {
        let last = name.last().map_or(0, |byte| sieved(*byte));
        name.len() * 15 + usize::from(last)
    }
}
