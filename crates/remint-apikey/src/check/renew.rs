use remint_core::ApiKeyRecord;

use super::KeyCheck;

impl KeyCheck {
    /// Hashes a key that was just let in as ours, under the newest pepper, unless it is already. From
    /// then on it costs one look-up.
    ///
    /// If that fails the key goes on as it is: the next use tries again.
    pub(super) async fn renew(&self, text: &str, key: &mut ApiKeyRecord) {
        let newest = self.peppers.newest();
        if *key.digest.scheme == *newest.scheme() {
            return;
        }
        let digest = newest.digest(text);
        let from = key.digest.scheme.split(['$', ':']).next().unwrap_or_default().to_owned();
        let outcome = match self.store.rehash(&key.id, &key.digest, &digest).await {
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
}
