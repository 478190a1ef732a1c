use std::sync::Arc;

use remint_core::{Clock, DeniedKind, Environment, FoundKey, KeyDigest, Refusal, Unavailable, Verified};
use subtle::ConstantTimeEq;

use crate::last_used::LastUsed;
use crate::{KeyFormat, KeyStore, Peppers};

/// Decides whether a text is a key that works now.
#[derive(Debug, Clone)]
pub(crate) struct KeyCheck {
    pub(crate) store: Arc<dyn KeyStore>,
    pub(crate) peppers: Peppers,
    pub(crate) format: KeyFormat,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) last_used: Arc<LastUsed>,
}

impl KeyCheck {
    /// The key and its user, if and only if the text is well-formed, one of the peppers makes a
    /// digest of it that the store holds, and the key is neither revoked nor at its end, nor its
    /// user disabled.
    ///
    /// Every key that is refused after parsing costs one look-up for each pepper, so that the time
    /// does not tell a revoked key from one that never was.
    pub(crate) async fn verify(&self, text: &str) -> Result<Verified<FoundKey>, Refusal> {
        let key = self.format.parse(text).map_err(|_malformed| DeniedKind::Structure)?;
        let mut verdict = Err(DeniedKind::UnknownApiKey);
        for pepper in self.peppers.iter() {
            let digest = pepper.digest(&key);
            let found = self.store.find(&digest).await?;
            if matches!(verdict, Err(DeniedKind::UnknownApiKey))
                && let Some(found) = found.filter(|found| answers(found, &digest, key.environment()))
            {
                verdict = self.judge(found);
            }
            if verdict.is_ok() {
                break;
            }
        }
        let found = verdict?;
        self.last_used.record(&found.key.id, self.clock.now());
        #[expect(clippy::disallowed_methods, reason = "the text's keyed digest is the one the store holds")]
        Ok(Verified::vouch(found))
    }

    /// The key of this text and its user, whether it works or not.
    pub(crate) async fn known(&self, text: &str) -> Result<Option<FoundKey>, Unavailable> {
        let Ok(key) = self.format.parse(text) else { return Ok(None) };
        for pepper in self.peppers.iter() {
            let digest = pepper.digest(&key);
            let found = self.store.find(&digest).await?;
            if let Some(found) = found.filter(|found| answers(found, &digest, key.environment())) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn judge(&self, found: FoundKey) -> Result<FoundKey, DeniedKind> {
        if found.key.revoked_at.is_some() {
            return Err(DeniedKind::Revoked);
        }
        if found.key.expires_at.is_some_and(|end| self.clock.now() >= end) {
            return Err(DeniedKind::Expired);
        }
        if !found.user.enabled {
            return Err(DeniedKind::UserDisabled);
        }
        if found.tenant.as_ref().is_some_and(|tenant| !tenant.enabled) {
            return Err(DeniedKind::TenantDisabled);
        }
        Ok(found)
    }
}

/// Whether the store gave what it was asked for. A look-up compares as databases do (with a
/// collation, perhaps, or a prefix); this does not, and takes as long wherever the difference is.
fn answers(found: &FoundKey, asked: &KeyDigest, environment: Environment) -> bool {
    let same_bytes = found.key.digest.bytes.ct_eq(&asked.bytes);
    bool::from(same_bytes) && found.key.digest.scheme == asked.scheme && found.key.environment == environment
}
