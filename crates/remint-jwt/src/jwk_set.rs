use std::sync::OnceLock;

use remint_core::DeniedKind;
use remint_strict_json::{Limits, ListItem, parse_list};
use serde_json::{Value, json};

use crate::claims::MAX_DEPTH;
use crate::tidy::tidied;
use crate::{Algorithm, Candidates, Jwk, KeyError, MAX_CANDIDATES, PassedOver, VerifyingKey};

/// The longest key set that is looked at, in bytes.
pub const MAX_SET_LEN: usize = 512 * 1024;
/// How many members a key set may have.
pub const MAX_SET_KEYS: usize = 256;

/// The usable keys of a JSON Web Key Set (RFC 7517 §5).
///
/// A member that cannot be used is passed over, with its reason for the log; the others stay good.
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    keys: Vec<Entry>,
    passed_over: Vec<PassedOver>,
}

impl JwkSet {
    /// Parses a key set as providers write it: a byte order mark before it is skipped; in its keys, members that
    /// are `null` or empty count as absent, and numbers are read with padding, with leading zeros, or without the
    /// zeros that a coordinate should begin with. Exact copies are one key.
    ///
    /// Passed over are symmetric and private keys, keys for another purpose (`use`, `key_ops`), of unsupported,
    /// malformed or weak kind, RSA below 2048 bits, keys with a member twice, and keys that would never be tried
    /// because [`MAX_CANDIDATES`] before them have their `kid`. A set may end up without any key.
    ///
    /// # Errors
    ///
    /// [`KeyError::TooLarge`], or [`KeyError::Malformed`] if it is not a JSON object with a list `keys`, or has a
    /// member twice outside of its keys.
    pub fn parse(json: &[u8]) -> Result<Self, KeyError> {
        if json.len() > MAX_SET_LEN {
            return Err(KeyError::TooLarge);
        }
        let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
        let members = parse_list(json, "keys", LIMITS).map_err(|_| KeyError::Malformed)?;
        if members.len() > MAX_SET_KEYS {
            return Err(KeyError::TooLarge);
        }
        let mut set = Self::default();
        for (index, member) in members.into_iter().enumerate() {
            let mut passed_over = PassedOver::new(index, &member.value);
            if let Err(reason) = read(member).and_then(|jwk| set.add(jwk)) {
                passed_over.reason = reason;
                set.passed_over.push(passed_over);
            }
        }
        Ok(set)
    }

    /// The keys that a header's `kid` and `alg` may mean: those with exactly this `kid` that fit the algorithm,
    /// and only if there are none, those without a `kid` that fit it; for a header without `kid`, every key that
    /// fits. [`MAX_CANDIDATES`] at most.
    ///
    /// # Errors
    ///
    /// A [`LookupError`] that says why there is none.
    pub fn find(&self, key_id: Option<&str>, algorithm: Algorithm) -> Result<Candidates, LookupError> {
        self.find_among(key_id, algorithm, |_| true)
    }

    /// The same among the keys that `may_serve`.
    ///
    /// # Errors
    ///
    /// As [`JwkSet::find`].
    pub fn find_among(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
        may_serve: impl Fn(&Jwk) -> bool,
    ) -> Result<Candidates, LookupError> {
        let candidates = |is_meant: &dyn Fn(Option<&str>) -> bool, named| {
            let meant = self.keys.iter().filter(|entry| is_meant(entry.jwk.key_id()) && may_serve(&entry.jwk));
            Candidates::new(meant.filter_map(|entry| entry.prepared(algorithm)), named)
        };
        let Some(key_id) = key_id else {
            return candidates(&|_| true, false).ok_or(LookupError::Unknown);
        };
        let is_named = |id: Option<&str>| id == Some(key_id);
        let found = candidates(&is_named, true).or_else(|| candidates(&|id| id.is_none(), false));
        found.ok_or_else(|| {
            let is_there = self.iter().any(|jwk| is_named(jwk.key_id()) && may_serve(jwk));
            if is_there { LookupError::Algorithm } else { LookupError::Unknown }
        })
    }

    /// The usable keys, in the set's order.
    pub fn iter(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter().map(|entry| &entry.jwk)
    }

    /// How many usable keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key is usable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The members that are not usable, for the log.
    #[must_use]
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// The usable keys as the JSON of a key set.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "keys": self.iter().map(Jwk::to_json).collect::<Vec<_>>() })
    }

    /// Takes one more key, unless it is there already.
    fn add(&mut self, jwk: Jwk) -> Result<(), KeyError> {
        if self.iter().any(|known| *known == jwk) {
            return Ok(());
        }
        let entry = Entry::new(jwk)?;
        if self.iter().filter(|known| entry.is_meant_with(known)).count() >= MAX_CANDIDATES {
            return Err(KeyError::TooMany);
        }
        self.keys.push(entry);
        Ok(())
    }
}

impl TryFrom<Vec<Jwk>> for JwkSet {
    type Error = KeyError;

    /// A set of keys at hand. An error names the first that could not be used.
    fn try_from(keys: Vec<Jwk>) -> Result<Self, KeyError> {
        let mut set = Self::default();
        keys.into_iter().try_for_each(|jwk| set.add(jwk))?;
        Ok(set)
    }
}

fn read(member: ListItem) -> Result<Jwk, KeyError> {
    match member {
        ListItem { has_duplicate: true, .. } => Err(KeyError::Duplicate),
        ListItem { value: Value::Object(members), .. } => Jwk::from_members(&tidied(members)),
        ListItem { .. } => Err(KeyError::Malformed),
    }
}

/// Why a key set has no key for a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LookupError {
    /// No key has this `kid`; or the header has none, and no key fits the algorithm. A newer set
    /// may know it.
    #[error("the key set has no such key")]
    Unknown,
    /// Every key with this `kid` is for another algorithm.
    #[error("the key is for another algorithm")]
    Algorithm,
}

impl From<LookupError> for DeniedKind {
    /// What it means once the set is known to be current. Until then an [`LookupError::Unknown`]
    /// is no denial.
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::Unknown => Self::UnknownKeyId,
            LookupError::Algorithm => Self::Algorithm,
        }
    }
}

/// A key with what was prepared of it, by algorithm.
#[derive(Debug, Clone)]
struct Entry {
    jwk: Jwk,
    prepared: [OnceLock<VerifyingKey>; Algorithm::ALL.len()],
}

impl Entry {
    /// Takes the key if it can be prepared for the first algorithm it fits.
    fn new(jwk: Jwk) -> Result<Self, KeyError> {
        let entry = Self { jwk, prepared: Default::default() };
        let first = Algorithm::ALL.into_iter().find(|algorithm| entry.jwk.fits(*algorithm));
        entry.prepared(first.ok_or(KeyError::Unsupported)?).ok_or(KeyError::Malformed)?;
        Ok(entry)
    }

    /// The key for this algorithm, if it fits that.
    fn prepared(&self, algorithm: Algorithm) -> Option<VerifyingKey> {
        let slot = self.prepared.get(algorithm as usize)?;
        if let Some(key) = slot.get() {
            return Some(key.clone());
        }
        let key = VerifyingKey::new(&self.jwk, algorithm).ok()?;
        Some(slot.get_or_init(|| key).clone())
    }

    /// Whether a header that means this key means the other, too.
    fn is_meant_with(&self, other: &Jwk) -> bool {
        self.jwk.key_id() == other.key_id()
            && self.jwk.issuer() == other.issuer()
            && Algorithm::ALL.into_iter().any(|algorithm| self.jwk.fits(algorithm) && other.fits(algorithm))
    }
}

const LIMITS: Limits = Limits { depth: MAX_DEPTH, values: 16 * 1024 };
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
