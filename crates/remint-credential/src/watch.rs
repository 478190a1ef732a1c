use http::HeaderName;
use http::header::AUTHORIZATION;

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
    sieve: u64,
}

/// One header of a request that is on the list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) index: usize,
    pub(crate) role: Role,
    /// The same name but for `_` in place of `-`.
    pub(crate) look_alike: bool,
}

impl WatchList {
    /// How many headers can be watched.
    pub(crate) const MAX: usize = 60;

    /// The first entry must be `authorization`.
    pub(crate) fn new(entries: Vec<(HeaderName, Role)>) -> Self {
        let sieve = entries.iter().fold(0, |sieve, (name, _)| sieve | sieve_bit(name.as_str()));
        Self { entries, sieve }
    }

    #[inline]
    pub(crate) fn see(&self, name: &HeaderName) -> Option<Seen> {
        if self.sieve & sieve_bit(name.as_str()) == 0 {
            return None;
        }
        // The first entry; a standard name is compared as one byte.
        if *name == AUTHORIZATION {
            return Some(Seen { index: 0, role: Role::Authorization, look_alike: false });
        }
        self.find(name.as_str())
    }

    fn find(&self, name: &str) -> Option<Seen> {
        self.entries.iter().enumerate().find_map(|(index, (watched, role))| {
            let watched = watched.as_str();
            if watched == name {
                return Some(Seen { index, role: *role, look_alike: false });
            }
            let alike =
                watched.len() == name.len() && watched.bytes().zip(name.bytes()).all(|(a, b)| dashed(a) == dashed(b));
            alike.then_some(Seen { index, role: *role, look_alike: true })
        })
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
    pub(crate) const LOOK_ALIKES: Self = Self(1 << 61);
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

/// By length and last letter: the same for a name and its look-alikes. Of fifty common header names, four
/// share a bit with one of the default list's.
#[inline]
fn sieve_bit(name: &str) -> u64 {
    let last = name.as_bytes().last().map_or(0, |byte| dashed(*byte));
    1 << ((name.len() * 8 + usize::from(last)) % 64)
}

const fn dashed(byte: u8) -> u8 {
    if byte == b'_' { b'-' } else { byte }
}
