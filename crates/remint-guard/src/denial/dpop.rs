use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

/// What a challenge of the scheme `DPoP` says (RFC 9449 §7.1): which algorithms a proof may be signed
/// with, and the nonce that it must carry, where one is demanded (§9).
#[derive(Clone)]
pub struct DpopChallenge {
    pub(super) algorithms: Arc<str>,
    nonce: Option<Arc<Nonce>>,
}

type Nonce = dyn Fn() -> Option<HeaderValue> + Send + Sync;

impl DpopChallenge {
    /// A challenge that names these algorithms and demands no nonce.
    #[must_use]
    pub fn new(algorithms: impl IntoIterator<Item = &'static str>) -> Self {
        let algorithms: Vec<_> = algorithms.into_iter().collect();
        Self { algorithms: algorithms.join(" ").into(), nonce: None }
    }

    /// The same with a nonce in the header `DPoP-Nonce` of each answer that challenges with 401. It is
    /// asked for when the answer is made.
    #[must_use]
    pub fn with_nonce(mut self, nonce: impl Fn() -> Option<HeaderValue> + Send + Sync + 'static) -> Self {
        self.nonce = Some(Arc::new(nonce));
        self
    }

    /// The algorithms that a proof may be signed with.
    pub fn algorithms(&self) -> impl Iterator<Item = &str> {
        self.algorithms.split_ascii_whitespace()
    }

    pub(super) fn nonce(&self) -> Option<HeaderValue> {
        self.nonce.as_ref().and_then(|nonce| nonce())
    }
}

impl fmt::Debug for DpopChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopChallenge").field("algorithms", &self.algorithms).finish_non_exhaustive()
    }
}
