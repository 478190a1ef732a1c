use remint_core::{ApiKeyRecord, KeyDigest, StoreError};

use super::KeyCheck;
use super::under::InUse;
use crate::Pepper;

impl KeyCheck {
    /// Hashes a key that was just let in as ours, under the pepper in use, unless it is already. From then on it costs
    /// one look-up.
    ///
    /// It is done only under a pepper that every node has, and not of a key whose pepper comes after that one: at a
    /// node that lacks the pepper, the key would stop working. If it fails the key goes on as it is: the next use tries
    /// again.
    pub(super) async fn renew(&self, text: &str, key: &mut ApiKeyRecord) {
        let scheme = &*key.digest.scheme;
        if *scheme == *self.peppers.newest().scheme() || self.is_settled(scheme) {
            return;
        }
        let from = scheme.split(['$', ':']).next().unwrap_or_default().to_owned();
        let outcome = match self.renewed(text, key).await {
            Ok(Some(digest)) => {
                tracing::info!(target: "remint", key = %key.id, from, "a key was hashed anew");
                key.digest = digest;
                "renewed"
            }
            // It is not to be, someone else did, or the key is gone.
            Ok(None) => "passed",
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(target: "remint", key = %key.id, from, %error, cause, "a key was not hashed anew");
                "failed"
            }
        };
        metrics::counter!("remint_apikey_rehash_total", "from" => from, "outcome" => outcome).increment(1);
    }

    /// The digest that the key has now; `None` if it was left alone.
    async fn renewed(&self, text: &str, key: &ApiKeyRecord) -> Result<Option<KeyDigest>, StoreError> {
        match self.in_use(false).await? {
            InUse::Here { pepper, good } if good.iter().all(|good| *good != key.digest.scheme) => {
                let digest = pepper.digest(text);
                let was_there = self.store.rehash(&key.id, &key.digest, &digest).await?;
                Ok(was_there.then_some(digest))
            }
            InUse::Here { .. } | InUse::None => Ok(None),
            InUse::Absent(scheme) => {
                tracing::warn!(
                    target: "remint",
                    key = %key.id,
                    pepper = Pepper::id_of(&scheme),
                    "a key was not hashed again: the nodes of this store use a pepper which is not here"
                );
                Ok(None)
            }
        }
    }
}
