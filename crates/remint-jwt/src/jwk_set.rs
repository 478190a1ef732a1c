use std::sync::OnceLock;

use remint_core::DeniedKind;
use remint_strict_json::{Limits, parse_object};
use serde_json::{Value, json};

use crate::claims::MAX_DEPTH;
use crate::{Algorithm, Jwk, KeyError, VerifyingKey};

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
    /// Parses a key set.
    ///
    /// Passed over are symmetric and private keys, keys for another purpose (`use`, `key_ops`),
    /// of unsupported or malformed type, RSA below 2048 bits, and all keys that share their `kid`
    /// with another of the same type, since nobody can say which of them is meant (RFC 7517
    /// §4.5). A set may end up without any key.
    ///
    /// # Errors
    ///
    /// [`KeyError::TooLarge`], or [`KeyError::Malformed`] if it is not a JSON object with a list
    /// `keys`, or has a member anywhere twice.
    pub fn parse(json: &[u8]) -> Result<Self, KeyError> {
        if json.len() > MAX_SET_LEN {
            return Err(KeyError::TooLarge);
        }
        let document = parse_object(json, LIMITS).map_err(|_| KeyError::Malformed)?;
        let Some(Value::Array(members)) = document.get("keys") else {
            return Err(KeyError::Malformed);
        };
        if members.len() > MAX_SET_KEYS {
            return Err(KeyError::TooLarge);
        }
        let mut set = Self::default();
        for (index, member) in members.iter().enumerate() {
            let parsed = member.as_object().ok_or(KeyError::Malformed).and_then(Jwk::from_members);
            match parsed.and_then(|jwk| Entry::new(index, jwk)) {
                Ok(entry) => set.keys.push(entry),
                Err(reason) => set.passed_over.push(PassedOver { index, reason }),
            }
        }
        set.refuse_ambiguous();
        Ok(set)
    }

    /// The key for a header's `kid` and `alg`; without a `kid`, the only key that fits the
    /// algorithm.
    ///
    /// # Errors
    ///
    /// A [`LookupError`] that says why there is none.
    pub fn find(&self, key_id: Option<&str>, algorithm: Algorithm) -> Result<VerifyingKey, LookupError> {
        let mut named =
            self.keys.iter().filter(|entry| key_id.is_none_or(|id| entry.jwk.key_id() == Some(id))).peekable();
        if named.peek().is_none() {
            return Err(LookupError::Unknown);
        }
        let mut fitting = named.filter(|entry| entry.jwk.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(entry), None) => entry.prepared(algorithm),
            (Some(_), Some(_)) => Err(LookupError::Ambiguous),
            (None, _) if key_id.is_none() => Err(LookupError::Unknown),
            (None, _) => Err(LookupError::Algorithm),
        }
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

    fn refuse_ambiguous(&mut self) {
        let ambiguous: Vec<usize> = self
            .keys
            .iter()
            .filter(|entry| self.keys.iter().any(|other| entry.clashes(other)))
            .map(|entry| entry.index)
            .collect();
        self.keys.retain(|entry| !ambiguous.contains(&entry.index));
        let refused = ambiguous.into_iter().map(|index| PassedOver { index, reason: KeyError::Ambiguous });
        self.passed_over.extend(refused);
    }
}

impl TryFrom<Vec<Jwk>> for JwkSet {
    type Error = KeyError;

    /// A set of keys at hand, under the rules of [`JwkSet::parse`] about shared key ids.
    fn try_from(keys: Vec<Jwk>) -> Result<Self, KeyError> {
        let keys = keys.into_iter().enumerate().map(|(index, jwk)| Entry::new(index, jwk)).collect::<Result<_, _>>()?;
        let mut set = Self { keys, passed_over: Vec::new() };
        set.refuse_ambiguous();
        Ok(set)
    }
}

/// A member of a key set that is not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassedOver {
    /// Its place in the list `keys`.
    pub index: usize,
    /// What is wrong with it.
    pub reason: KeyError,
}

/// Why a key set has no key for a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LookupError {
    /// No key has this `kid`; or the header has none, and no key fits the algorithm. A newer set
    /// may know it.
    #[error("the key set has no such key")]
    Unknown,
    /// The header has no `kid`, and several keys fit the algorithm.
    #[error("several keys of the set would fit")]
    Ambiguous,
    /// The key with this `kid` is for another algorithm.
    #[error("the key is for another algorithm")]
    Algorithm,
}

impl From<LookupError> for DeniedKind {
    /// What it means once the set is known to be current. Until then an [`LookupError::Unknown`]
    /// is no denial.
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::Unknown | LookupError::Ambiguous => Self::UnknownKeyId,
            LookupError::Algorithm => Self::Algorithm,
        }
    }
}

/// A key with what was prepared of it, by algorithm.
#[derive(Debug, Clone)]
struct Entry {
    index: usize,
    jwk: Jwk,
    prepared: [OnceLock<VerifyingKey>; Algorithm::ALL.len()],
}

impl Entry {
    /// Takes the key if it can be prepared for the first algorithm it fits.
    fn new(index: usize, jwk: Jwk) -> Result<Self, KeyError> {
        let entry = Self { index, jwk, prepared: Default::default() };
        let first = Algorithm::ALL.into_iter().find(|algorithm| entry.jwk.fits(*algorithm));
        entry.prepared(first.ok_or(KeyError::Unsupported)?).map_err(|_| KeyError::Malformed)?;
        Ok(entry)
    }

    fn prepared(&self, algorithm: Algorithm) -> Result<VerifyingKey, LookupError> {
        let slot = self.prepared.get(algorithm as usize).ok_or(LookupError::Algorithm)?;
        if let Some(key) = slot.get() {
            return Ok(key.clone());
        }
        let key = VerifyingKey::new(&self.jwk, algorithm).map_err(|_| LookupError::Algorithm)?;
        Ok(slot.get_or_init(|| key).clone())
    }

    fn clashes(&self, other: &Self) -> bool {
        self.index != other.index
            && self.jwk.key_id().is_some()
            && self.jwk.key_id() == other.jwk.key_id()
            && self.jwk.material().same_type(other.jwk.material())
    }
}

const LIMITS: Limits = Limits { depth: MAX_DEPTH, values: 16 * 1024 };
