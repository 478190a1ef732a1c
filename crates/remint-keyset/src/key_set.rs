use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use remint_core::{Clock, DeniedKind, IssuerId, Refusal, Timestamp, Unavailable, Verified};
use remint_jwt::{Algorithm, Claims, Jws, JwtErrorKind, VerifyingKey};

use crate::attempts::Attempts;
use crate::load::Loader;
use crate::refreshing::RefreshingKeys;
use crate::snapshot::Snapshot;
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
        let fixed = match &source {
            KeySource::Fixed(keys) => {
                Some(Arc::new(Snapshot { keys: keys.clone().into(), fetched_at: Timestamp::MAX }))
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
    /// [`UnavailableKind::KeySet`](remint_core::UnavailableKind::KeySet) if it could not be fetched or is of no use; the last good one
    /// is kept.
    pub async fn refresh(&self) -> Result<(), Unavailable> {
        self.0.refresh().await
    }

    /// The key that a token names: the one with its `kid` that fits its `alg`, or, without `kid`,
    /// the only one that fits (RFC 7515 §4.1.4).
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
    pub async fn key(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<VerifyingKey, Refusal> {
        self.key_of(None, kid, algorithm).await
    }

    /// The same for a set that several issuers share, one for each tenant: a key that the set
    /// binds to one issuer (by a member `issuer`, as Microsoft Entra does) is there for that one's
    /// tokens only.
    ///
    /// # Errors
    ///
    /// As [`KeySet::key`].
    pub async fn key_for(
        &self,
        issuer: &IssuerId,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<VerifyingKey, Refusal> {
        self.key_of(Some(issuer.as_str()), kid, algorithm).await
    }

    /// The key as [`KeySet::key`] has it, if it is there already: nothing is asked.
    #[must_use]
    pub fn current_key(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<VerifyingKey> {
        self.0.look_up(None, kid, algorithm).ok()
    }

    /// Verifies a token's signature under the key that its header names; `shared_by`: the token's
    /// issuer, where several issuers share the set (see [`KeySet::key_for`]).
    ///
    /// Without a `kid` a key that was replaced looks like the right one. So a signature that fails
    /// under it means what an unknown key means.
    ///
    /// # Errors
    ///
    /// As [`KeySet::key`]; [`DeniedKind::Signature`] if the signature is not that of the key with this
    /// `kid`.
    pub async fn verify(&self, shared_by: Option<&IssuerId>, jws: Jws<'_>) -> Result<Verified<Claims>, Refusal> {
        let (text, has_kid, algorithm) = (jws.text(), jws.header().key_id().is_some(), jws.header().algorithm());
        let issuer = shared_by.map(IssuerId::as_str);
        let key = self.key_of(issuer, jws.header().key_id(), algorithm).await?;
        match jws.verify(&key) {
            Err(error) if error.kind() == JwtErrorKind::Signature && !has_kid && !self.0.fixed => {
                self.0.settle(|| false).await?;
                let key = self.0.look_up(issuer, None, algorithm).map_err(DeniedKind::from)?;
                let verified = Jws::parse(text)?.verify(&key);
                verified.map_err(|error| match error.kind() {
                    JwtErrorKind::Signature => DeniedKind::UnknownKeyId.into(),
                    _ => error.into(),
                })
            }
            outcome => Ok(outcome?),
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

    async fn key_of(
        &self,
        issuer: Option<&str>,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<VerifyingKey, Refusal> {
        let look_up = || self.0.look_up(issuer, kid, algorithm);
        if let Ok(key) = look_up() {
            return Ok(key);
        }
        let settled = self.0.settle(|| look_up().is_ok()).await;
        look_up().map_err(|reason| match settled {
            Ok(()) => DeniedKind::from(reason).into(),
            Err(unavailable) => unavailable.into(),
        })
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet").field("issuer", &self.0.issuer).field("age", &self.age()).finish_non_exhaustive()
    }
}
