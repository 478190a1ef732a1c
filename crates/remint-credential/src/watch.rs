use http::HeaderName;

/// What a watched header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Authorization,
    ApiKey,
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
    pub(crate) fn new(entries: Vec<(HeaderName, Role)>) -> Self {
        let sieve = entries.iter().fold(0, |sieve, (name, _)| sieve | sieve_bit(name.as_str()));
        Self { entries, sieve }
    }

    #[inline]
    pub(crate) fn see(&self, name: &HeaderName) -> Option<Seen> {
        let name = name.as_str();
        if self.sieve & sieve_bit(name) == 0 {
            return None;
        }
        self.find(name)
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

    pub(crate) fn name(&self, index: usize) -> Option<&HeaderName> {
        self.entries.get(index).map(|(name, _)| name)
    }
}

/// What extraction saw that must not go on: handed back to [`Extractor::strip`].
///
/// [`Extractor::strip`]: crate::Extractor::strip
#[derive(Debug, Clone, Copy, Default)]
pub struct Residue {
    /// Watched headers that stand there under their exact name, by index.
    pub(crate) exact: u64,
    /// Whether there are look-alikes.
    pub(crate) look_alikes: bool,
    pub(crate) cookie: bool,
    pub(crate) connection: bool,
}

/// By length and last letter: the same for a name and its look-alikes.
#[inline]
fn sieve_bit(name: &str) -> u64 {
    let last = name.as_bytes().last().map_or(0, |byte| dashed(*byte));
    1 << ((name.len() * 7 + usize::from(last)) % 64)
}

const fn dashed(byte: u8) -> u8 {
    if byte == b'_' { b'-' } else { byte }
}
