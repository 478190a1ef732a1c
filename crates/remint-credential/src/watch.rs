use http::HeaderName;
use http::header::AUTHORIZATION;

use crate::beginnings::{Beginnings, dashed};

/// What a watched header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Authorization,
    ApiKey,
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
    sieve: u128,
    stripped: Beginnings,
}

/// One header of a request that is on the list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) index: usize,
    pub(crate) role: Role,
    /// The name of an entry as it is. Otherwise it has `_` where the entry has `-`, or begins like what is
    /// stripped.
    pub(crate) exact: bool,
}

impl WatchList {
    /// How many headers can be watched.
    pub(crate) const MAX: usize = 60;

    /// The first entry must be `authorization`. What begins like one of `stripped`, and is no entry, has the
    /// role [`Role::Strip`].
    pub(crate) fn new(entries: Vec<(HeaderName, Role)>, stripped: Beginnings) -> Self {
        let sieve = entries.iter().fold(0, |sieve, (name, _)| sieve | sieve_bit(name.as_str()));
        Self { entries, sieve, stripped }
    }

    #[inline]
    pub(crate) fn see(&self, name: &HeaderName) -> Option<Seen> {
        let text = name.as_str();
        // Both without a branch: almost every name is neither.
        let is_sieved_out = self.sieve & sieve_bit(text) == 0;
        if is_sieved_out & !self.stripped.may_begin(text) {
            return None;
        }
        // The first entry; a standard name is compared as one byte.
        if *name == AUTHORIZATION {
            return Some(Seen { index: 0, role: Role::Authorization, exact: true });
        }
        self.find(text)
    }

    fn find(&self, name: &str) -> Option<Seen> {
        let entry = self.entries.iter().enumerate().find_map(|(index, (watched, role))| {
            let watched = watched.as_str();
            if watched == name {
                return Some(Seen { index, role: *role, exact: true });
            }
            let alike =
                watched.len() == name.len() && watched.bytes().zip(name.bytes()).all(|(a, b)| dashed(a) == dashed(b));
            alike.then_some(Seen { index, role: *role, exact: false })
        });
        entry.or_else(|| self.stripped.begin(name).then_some(Seen { index: 0, role: Role::Strip, exact: false }))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = (usize, &HeaderName)> {
        self.entries.iter().map(|(name, _)| name).enumerate()
    }
}

/// What extraction saw that must not go on: handed back to [`Extractor::strip`].
///
/// [`Extractor::strip`]: crate::Extractor::strip
// One word: the low bits are watched headers that stand there under their exact name, by index; the high
// ones say what else there is. It is copied on every request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Residue(u64);

impl Residue {
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

/// By length and last letter: the same for a name and its look-alikes. Of sixty common header names, one
/// shares a bit with one of the default list's.
#[inline]
fn sieve_bit(name: &str) -> u128 {
    let last = name.as_bytes().last().map_or(0, |byte| dashed(*byte));
    1 << ((name.len() * 15 + usize::from(last)) % 128)
}
