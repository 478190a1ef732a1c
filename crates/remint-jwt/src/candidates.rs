use crate::{Algorithm, JwtError, JwtErrorKind, VerifyingKey};

/// How many keys are tried for one token at most.
pub const MAX_CANDIDATES: usize = 4;

/// The keys of a set that may have signed a token, found by its header ([`JwkSet::find`](crate::JwkSet::find)):
/// one to [`MAX_CANDIDATES`].
#[derive(Debug, Clone)]
pub struct Candidates {
    first: VerifyingKey,
    more: Vec<VerifyingKey>,
    /// The token names exactly these: no other key can have signed it.
    all_named: bool,
}

impl Candidates {
    /// The first of these keys, up to the limit. `named`: the token names them by its `kid`.
    pub(crate) fn new(mut keys: impl Iterator<Item = VerifyingKey>, named: bool) -> Option<Self> {
        let first = keys.next()?;
        let more = keys.by_ref().take(MAX_CANDIDATES - 1).collect();
        Some(Self { first, more, all_named: named && keys.next().is_none() })
    }

    /// The keys, in the set's order.
    pub fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// Whether the token names exactly these, so that no other key can have signed it.
    #[must_use]
    pub const fn are_named(&self) -> bool {
        self.all_named
    }
}

/// What a signature is verified under: one [`VerifyingKey`], or the [`Candidates`] of a key set.
pub trait VerifyingKeys: sealed::TryEach {}

impl VerifyingKeys for VerifyingKey {}

impl VerifyingKeys for Candidates {}

impl sealed::TryEach for VerifyingKey {
    fn try_each(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        if algorithm != self.algorithm() {
            return Err(JwtErrorKind::Algorithm.into());
        }
        self.verify(message, signature)
    }
}

impl sealed::TryEach for Candidates {
    /// A signature that fails under keys which the token does not name may be that of another key.
    fn try_each(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        let first = self.first.try_each(algorithm, message, signature);
        match first {
            Ok(()) => Ok(()),
            Err(_) if self.more.iter().any(|key| key.try_each(algorithm, message, signature).is_ok()) => Ok(()),
            Err(error) if self.all_named => Err(error),
            Err(_) => Err(JwtErrorKind::UnknownKey.into()),
        }
    }
}

pub(crate) mod sealed {
    use crate::{Algorithm, JwtError};

    pub trait TryEach {
        /// Verifies a signature of this algorithm over `message`.
        fn try_each(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), JwtError>;
    }
}
