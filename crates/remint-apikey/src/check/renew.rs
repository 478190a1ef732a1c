use std::sync::atomic::Ordering;

use remint_core::{ApiKeyRecord, Unavailable};

use super::KeyCheck;
use crate::Pepper;
use crate::pairing::registered;

impl KeyCheck {
    /// Hashes a key that was just let in as ours, under the newest pepper, unless it is already. From
    /// then on it costs one look-up.
    ///
    /// It is done only under a pepper that the store has registered: at another node that does not have it, the key
    /// would stop working. If it fails the key goes on as it is: the next use tries again.
    pub(super) async fn renew(&self, text: &str, key: &mut ApiKeyRecord) {
        let newest = self.peppers.newest();
        if *key.digest.scheme == *newest.scheme() {
            return;
        }
        let digest = newest.digest(text);
        let from = key.digest.scheme.split(['$', ':']).next().unwrap_or_default().to_owned();
        let rehashed = match self.is_registered().await {
            Ok(true) => self.store.rehash(&key.id, &key.digest, &digest).await,
            Ok(false) => {
                tracing::warn!(
                    target: "remint",
                    key = %key.id,
                    pepper = newest.id(),
                    "a key was not hashed again: the nodes of this store use another pepper, which is not here"
                );
                Ok(false)
            }
            Err(error) => Err(error.into()),
        };
        let outcome = match rehashed {
            Ok(true) => {
                tracing::info!(target: "remint", key = %key.id, from, "a key was hashed anew");
                key.digest = digest;
                "renewed"
            }
            // Someone else did, or the key is gone.
            Ok(false) => "passed",
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(target: "remint", key = %key.id, from, %error, cause, "a key was not hashed anew");
                "failed"
            }
        };
        metrics::counter!("remint_apikey_rehash_total", "from" => from, "outcome" => outcome).increment(1);
    }
    /// Whether other nodes know of our newest pepper: they do not start without it.
    async fn is_registered(&self) -> Result<bool, Unavailable> {
        if self.registered.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let live = self.store.live_schemes(Pepper::SCHEMES, self.clock.now()).await?;
        for _ in 0..ATTEMPTS {
            let record = self.store.record().await?;
            let Some(next) = registered(&record.depends_on, &self.peppers, &live) else { return Ok(false) };
            if next == record.depends_on || self.store.set_dependencies(record.revision, &next).await? {
                self.registered.store(true, Ordering::Relaxed);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

const ATTEMPTS: usize = 3;
