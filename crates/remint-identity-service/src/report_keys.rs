use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use remint_core::{Timestamp, Unavailable, UnavailableKind};
use remint_jwt::EcdsaP256PublicKey;
use remint_keyset::{HttpFetch, Url};
use serde::Deserialize;

/// Whose reports of leaked keys are believed: a secret scanner's, known by the keys that it publishes
/// in GitHub's format (`https://api.github.com/meta/public_keys/secret_scanning`).
///
/// Strangers decide which key a report names. They do not decide how often the list is fetched.
#[derive(Debug)]
pub struct LeakReports {
    url: Url,
    http: Arc<dyn HttpFetch>,
    list: RwLock<Arc<List>>,
    fetching: tokio::sync::Mutex<()>,
}

/// The list as it was when it was last asked for.
#[derive(Debug, Default)]
struct List {
    keys: HashMap<String, EcdsaP256PublicKey>,
    /// When it was last had.
    fetched: Option<Timestamp>,
    /// When it was last asked for.
    asked: Option<Timestamp>,
}

impl LeakReports {
    /// Reports that are signed under one of the keys of the list at `url`.
    #[must_use]
    pub fn new(url: Url, http: Arc<dyn HttpFetch>) -> Self {
        Self { url, http, list: RwLock::default(), fetching: tokio::sync::Mutex::new(()) }
    }

    /// The key of this name; `None` if the list, which is not older than an hour, has none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the list cannot be had.
    pub(crate) async fn key(&self, name: &str, now: Timestamp) -> Result<Option<EcdsaP256PublicKey>, Unavailable> {
        if let Some(key) = self.current().known(name, now) {
            return Ok(Some(key));
        }
        let _one_at_a_time = self.fetching.lock().await;
        let list = self.current();
        if let Some(key) = list.known(name, now) {
            return Ok(Some(key));
        }
        if list.asked.is_none_or(|asked| now.saturating_duration_since(asked) >= MIN_INTERVAL) {
            let list = self.fetch(&list, now).await;
            *self.list.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(list);
        }
        let list = self.current();
        if !list.is_fresh(now) || list.asked > list.fetched {
            return Err(Unavailable::new(UnavailableKind::KeySet).with_retry_after(MIN_INTERVAL));
        }
        Ok(list.known(name, now))
    }

    fn current(&self) -> Arc<List> {
        Arc::clone(&self.list.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The list as it is now, or the old one if it cannot be had.
    async fn fetch(&self, old: &List, now: Timestamp) -> List {
        let asked = Some(now);
        let text = match self.http.get(&self.url).await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(target: "remint", reason = error.reason(), "the scanner's keys were not fetched");
                return List { keys: old.keys.clone(), fetched: old.fetched, asked };
            }
        };
        match serde_json::from_slice::<Published>(&text) {
            Ok(published) => List { keys: published.usable(), fetched: asked, asked },
            Err(_) => {
                tracing::warn!(target: "remint", reason = "malformed", "the scanner's keys were not fetched");
                List { keys: old.keys.clone(), fetched: old.fetched, asked }
            }
        }
    }
}

impl List {
    fn known(&self, name: &str, now: Timestamp) -> Option<EcdsaP256PublicKey> {
        if self.is_fresh(now) { self.keys.get(name).cloned() } else { None }
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.fetched.is_some_and(|fetched| now.saturating_duration_since(fetched) < MAX_AGE)
    }
}

#[derive(Deserialize)]
struct Published {
    public_keys: Vec<PublishedKey>,
}

#[derive(Deserialize)]
struct PublishedKey {
    key_identifier: String,
    key: String,
}

impl Published {
    /// Those that can be read; two of one name are none.
    fn usable(self) -> HashMap<String, EcdsaP256PublicKey> {
        let mut seen: HashMap<String, Option<EcdsaP256PublicKey>> = HashMap::new();
        for PublishedKey { key_identifier, key } in self.public_keys {
            let key = EcdsaP256PublicKey::from_pem(&key).ok();
            seen.entry(key_identifier).and_modify(|twice| *twice = None).or_insert(key);
        }
        seen.into_iter().filter_map(|(name, key)| Some((name, key?))).collect()
    }
}

/// How old the list may be.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// How often the list is asked for at most, whatever comes of it.
const MIN_INTERVAL: Duration = Duration::from_secs(10);
