use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use remint_core::{Clock, DeniedKind, IssuerId, Refusal, Timestamp, Unavailable, Verified};
use remint_jwt::{Algorithm, Candidates, Claims, Jws, JwtErrorKind};

use crate::attempts::Attempts;
use crate::load::Loader;
use crate::refreshing::RefreshingKeys;
use crate::snapshot::Snapshot;
use crate::unusable::Unusable;
use crate::{HttpFetch, KeySetSettings, KeySetState, KeySource, background};

/// The keys of one issuer. A clone is another handle to the same set; when the last one is
/// dropped, the background work ends within seconds.
#[derive(Clone)]
pub struct KeySet(Arc<RefreshingKeys>);

impl KeySet {
    /// The keys that `source` has for `issuer`. Nothing is fetched yet: see [`KeySet::start`].
    #[must_use]
    pub fn new(
        issuer: IssuerId,
        source: KeySource,
        http: Arc<dyn HttpFetch>,
        clock: impl Clock,
        settings: KeySetSettings,
    ) -> Self {
        let unusable = Unusable::default();
        let fixed = match &source {
            KeySource::Fixed(keys) => {
                unusable.tell(&issuer, keys);
                Some(Arc::new(Snapshot { keys: keys.clone(), fetched_at: Timestamp::MAX }))
            }
            _ => None,
        };
        Self(Arc::new(RefreshingKeys {
            issuer,
            settings,
            fixed: fixed.is_some(),
            loader: Loader::new(source, http),
            clock: clock.into_arc(),
            current: ArcSwapOption::from(fixed),
            attempts: Attempts::default(),
            unusable,
            started: AtomicBool::new(false),
        }))
    }

    /// Fetches the set, and from now on again and again in the background.
    ///
    /// It returns when the first fetch has ended, well or not: an issuer that does not answer does
    /// not keep a service from starting. Calling it again does nothing but fetch. It must be
    /// called within a Tokio runtime, which then carries the background work.
    pub async fn start(&self) {
        if self.0.fixed {
            return;
        }
        let first = self.refresh().await;
        if !self.0.started.swap(true, Ordering::Relaxed) {
            tokio::spawn(background::run(Arc::downgrade(&self.0), self.0.settings, first.is_ok()));
        }
    }

    /// Fetches the set now, or waits for the fetch in progress.
    ///
    /// # Errors
    ///
    /// [`UnavailableKind::KeySet`](remint_core::UnavailableKind::KeySet) if it could not be fetched or is of no
    /// use; the last good one is kept.
    pub async fn refresh(&self) -> Result<(), Unavailable> {
        self.0.refresh().await
    }

    /// The keys that a token's `kid` and `alg` may mean (RFC 7515 §4.1.4): [`JwkSet::find`] says which. A key
    /// that the set binds to another issuer, by a member `issuer` as Microsoft Entra does, is not among them.
    ///
    /// What a key that is not there comes to, the [crate's documentation](crate) says. The issuer is
    /// asked by one fetch for all who wait. A caller who goes away does not end that fetch.
    ///
    /// # Errors
    ///
    /// - [`DeniedKind::UnknownKeyId`] if the set was fetched within
    ///   [`refetch_after`](KeySetSettings::refetch_after), or because of this call, and does not have
    ///   the key; [`DeniedKind::Algorithm`] if it has it for another algorithm.
    /// - [`UnavailableKind::KeySet`](remint_core::UnavailableKind::KeySet) if the set cannot be fetched, or could not be fetched within
    ///   [`retry_after`](KeySetSettings::retry_after); `Retry-After` is when it is tried again.
    ///
    /// [`JwkSet::find`]: remint_jwt::JwkSet::find
    pub async fn keys(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Candidates, Refusal> {
        self.keys_for(&self.0.issuer, kid, algorithm).await
    }

    /// The same for the tokens of another issuer, where several share the set, one for each tenant.
    ///
    /// # Errors
    ///
    /// As [`KeySet::keys`].
    pub async fn keys_for(
        &self,
        issuer: &IssuerId,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Candidates, Refusal> {
        let look_up = || self.0.look_up(issuer, kid, algorithm);
        if let Ok(keys) = look_up() {
            return Ok(keys);
        }
        let settled = self.0.settle(|| look_up().is_ok()).await;
        look_up().map_err(|reason| match settled {
            Ok(()) => DeniedKind::from(reason).into(),
            Err(unavailable) => unavailable.into(),
        })
    }

    /// The keys as [`KeySet::keys`] has them, if they are there already: nothing is asked.
    #[must_use]
    pub fn current_keys(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Candidates> {
        self.0.look_up(&self.0.issuer, kid, algorithm).ok()
    }

    /// Verifies a token's signature under the keys that its header may mean; `shared_by`: the token's
    /// issuer, where several issuers share the set (see [`KeySet::keys_for`]).
    ///
    /// Where the token does not name the keys that are tried, one that was replaced looks like the right one. So a
    /// signature that fails under them means what an unknown key means.
    ///
    /// # Errors
    ///
    /// As [`KeySet::keys`]; [`DeniedKind::Signature`] if the signature is of none of the keys with this `kid`.
    pub async fn verify(&self, shared_by: Option<&IssuerId>, jws: Jws<'_>) -> Result<Verified<Claims>, Refusal> {
        let issuer = shared_by.unwrap_or(&self.0.issuer);
        let (kid, algorithm) = (jws.header().key_id().map(str::to_owned), jws.header().algorithm());
        let keys = self.keys_for(issuer, kid.as_deref(), algorithm).await?;
        let again = (!keys.are_named() && !self.0.fixed).then(|| jws.clone());
        match (jws.verify(&keys), again) {
            (Err(error), Some(jws)) if error.kind() == JwtErrorKind::UnknownKey => {
                self.0.settle(|| false).await?;
                let keys = self.0.look_up(issuer, kid.as_deref(), algorithm).map_err(DeniedKind::from)?;
                Ok(jws.verify(&keys)?)
            }
            (outcome, _) => Ok(outcome?),
        }
    }

    /// How long ago the set was fetched; `None` if it never was, or is fixed.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.0.age()
    }

    /// Whether there are keys, and since when.
    #[must_use]
    pub fn state(&self) -> KeySetState {
        match self.0.age() {
            Some(age) => KeySetState::Fetched { age },
            None if self.0.fixed => KeySetState::Fixed,
            None => KeySetState::Missing,
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet").field("issuer", &self.0.issuer).field("age", &self.age()).finish_non_exhaustive()
    }
}
