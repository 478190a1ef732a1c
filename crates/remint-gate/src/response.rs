use http::{HeaderMap, HeaderName, HeaderValue};
use remint_core::Confirmation;
use remint_normalize::{Normalizer, Pass};

/// What the answer to a request that went on gets beside its own headers: the nonce for the next proof, where the
/// request was bound by DPoP and nonces are demanded (RFC 9449 §8.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseHeaders(Option<Box<[(HeaderName, HeaderValue)]>>);

impl ResponseHeaders {
    #[inline]
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    pub(crate) fn after(normalizer: &Normalizer, pass: &Pass) -> Self {
        let is_bound = matches!(pass.identity().confirmation, Some(Confirmation::Jkt(_)));
        let nonce = normalizer.dpop().filter(|_| is_bound).and_then(|verifier| verifier.nonce());
        Self(nonce.map(|nonce| [(DPOP_NONCE, nonce)].into()))
    }

    /// Whether there are none, as for most requests.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().flatten().map(|(name, value)| (name, value))
    }

    /// Sets them in the headers of an answer.
    #[inline]
    pub fn apply(&self, headers: &mut HeaderMap) {
        for (name, value) in self.iter() {
            headers.insert(name, value.clone());
        }
    }
}

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
