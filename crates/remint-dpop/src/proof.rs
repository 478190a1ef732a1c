use std::fmt;
use std::sync::Arc;

use http::Method;
use remint_core::{Clock, DeniedKind, Refusal, ReplayKey, ReplayStore, Timestamp, length_prefixed};
use sha2::{Digest, Sha256};

/// The request that a proof comes with, as the client sent it.
#[derive(Clone, Copy)]
pub struct ProofRequest<'r> {
    /// The method (`htm`).
    pub method: &'r Method,
    /// The path (`htu`, without what the public URL says).
    pub path: &'r str,
    proof: Option<&'r [u8]>,
}

impl<'r> ProofRequest<'r> {
    /// `proofs` are the values of the request's `DPoP` header lines. A request has one proof: of several lines,
    /// none counts (RFC 9449 §4.3).
    pub fn new(method: &'r Method, path: &'r str, proofs: impl IntoIterator<Item = &'r [u8]>) -> Self {
        let mut proofs = proofs.into_iter();
        let proof = proofs.next().filter(|_| proofs.next().is_none());
        Self { method, path, proof }
    }

    /// The text of the one proof.
    pub(crate) fn proof(&self) -> Result<&'r str, DeniedKind> {
        let is_sound = |proof: &&[u8]| {
            proof.len() <= MAX_PROOF_LEN && proof.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
        };
        let proof = self.proof.filter(is_sound).ok_or(DeniedKind::DpopProof)?;
        std::str::from_utf8(proof).map_err(|_| DeniedKind::DpopProof)
    }
}

/// Neither the path nor the proof.
impl fmt::Debug for ProofRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofRequest").field("method", self.method).finish_non_exhaustive()
    }
}

/// A proof that holds, but for its first use: that is for [`spend`](Self::spend) to say.
#[derive(Debug)]
#[must_use = "a proof that is not spent may be a replay"]
pub struct Proven {
    /// `jti` under this key.
    pub(crate) name: ReplayKey,
    /// The last moment of the proof.
    pub(crate) fresh_until: Timestamp,
    /// How long the use must be remembered.
    pub(crate) remember_until: Timestamp,
    pub(crate) replays: Arc<dyn ReplayStore>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Proven {
    /// Uses the proof: once, on whichever node.
    ///
    /// # Errors
    ///
    /// [`DeniedKind::DpopProof`] if it was used before, or its time has gone by meanwhile;
    /// [`Refusal::Unavailable`] if the store cannot say whether it was.
    pub async fn spend(self) -> Result<(), Refusal> {
        let now = self.clock.now();
        if now > self.fresh_until {
            return Err(DeniedKind::DpopProof.into());
        }
        if self.replays.first_use(self.name, now, self.remember_until).await? {
            Ok(())
        } else {
            Err(DeniedKind::DpopProof.into())
        }
    }
}

/// The name of one use: two keys, or two `jti`, never share one, nor does anything that is no proof.
pub(crate) fn replay_key(thumbprint: &[u8; 32], jti: &str) -> ReplayKey {
    let mut hash = Sha256::new();
    length_prefixed([LABEL, thumbprint, jti.as_bytes()], |bytes| hash.update(bytes));
    ReplayKey(hash.finalize().into())
}

const LABEL: &[u8] = b"dpop proof";
/// One under an RSA key of 4,096 bits has some 2,400.
const MAX_PROOF_LEN: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_named_after_key_and_jti() {
        let name = replay_key(&[1; 32], "a");
        assert_eq!(name, replay_key(&[1; 32], "a"));
        for (thumbprint, jti) in [([2; 32], "a"), ([1; 32], "b"), ([1; 32], "a\0"), ([1; 32], "")] {
            assert_ne!(name, replay_key(&thumbprint, jti));
        }
    }
}
