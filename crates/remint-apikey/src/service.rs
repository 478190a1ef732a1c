use std::sync::Arc;

use remint_core::{
    ApiKeyRecord, Clock, Effect, FoundKey, KeyId, Refusal, Revocation, Revoker, StoreError, SystemClock, Target,
    Timestamp, Unavailable, UnavailableKind, User, UserId, Verified,
};

use crate::base62;
use crate::check::KeyCheck;
use crate::last_used::LastUsed;
use crate::{ApiKey, ApiKeyAuthenticator, KeyFormat, KeyStore, NewKey, NewUser, Peppers};

/// Users and their API keys. Clones are handles on the same.
///
/// # Ending something
///
/// Whatever ends or changes a key or a user writes the store first and then a row of the
/// revocation log, through the [`Revoker`]: an entry that a cache made in between is dead too.
/// When such a method returns an error, or its future was dropped, the row may be missing: call it
/// again. It writes the row each time, also when the store had nothing left to change.
#[derive(Debug, Clone)]
pub struct ApiKeys {
    check: KeyCheck,
    revoker: Arc<dyn Revoker>,
}

impl ApiKeys {
    /// Keys of this store, under these peppers, ended through this revoker; in the
    /// [default format](KeyFormat::default) and by the system's clock.
    #[must_use]
    pub fn new(store: Arc<dyn KeyStore>, peppers: Peppers, revoker: Arc<dyn Revoker>) -> Self {
        let check = KeyCheck {
            store,
            peppers,
            format: KeyFormat::default(),
            clock: Arc::new(SystemClock),
            last_used: Arc::new(LastUsed::default()),
        };
        Self { check, revoker }
    }

    /// The same in another format.
    #[must_use]
    pub fn with_format(mut self, format: KeyFormat) -> Self {
        self.check.format = format;
        self
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.check.clock = clock;
        self
    }

    /// What authenticates requests by these keys.
    #[must_use]
    pub fn authenticator(&self) -> ApiKeyAuthenticator {
        ApiKeyAuthenticator::new(self.check.clone())
    }

    /// Creates a user, enabled and without keys.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if the id is taken, [`StoreError::Unavailable`].
    pub async fn create_user(&self, user: NewUser) -> Result<User, StoreError> {
        let user = user.created_at(self.now());
        self.check.store.insert_user(&user).await?;
        Ok(user)
    }

    /// The user of this id.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        self.check.store.user(id).await
    }

    /// Disables a user, which ends all their keys everywhere, or enables them, which brings those
    /// back that were not revoked. `false` if there is no such user.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn set_user_enabled(&self, id: &UserId, enabled: bool) -> Result<bool, Unavailable> {
        let known = self.check.store.set_enabled(id, enabled).await?;
        let effect = if enabled { Effect::Changed } else { Effect::Ended };
        self.announce(Target::User(id.clone()), effect).await?;
        Ok(known)
    }

    /// Deletes a user with all their keys. `false` if there is no such user (any more).
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn delete_user(&self, id: &UserId) -> Result<bool, Unavailable> {
        let known = self.check.store.delete_user(id).await?;
        self.announce(Target::User(id.clone()), Effect::Ended).await?;
        Ok(known)
    }

    /// Makes a key. Its text is returned this once and kept nowhere.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownUser`], or [`StoreError::Unavailable`] if the store, the revocation log
    /// or the operating system's generator failed. No key is left that nobody knows the text of,
    /// unless the store fails too when it is to be revoked again.
    pub async fn create(&self, new: NewKey) -> Result<(ApiKey, ApiKeyRecord), StoreError> {
        let key = self.check.format.generate(new.environment).map_err(no_entropy)?;
        let now = self.now();
        let record = ApiKeyRecord {
            id: random_id()?,
            user: new.user,
            environment: new.environment,
            name: new.name.map(String::from),
            start: key.start().to_owned(),
            scopes: new.scopes,
            digest: self.check.peppers.digest(&key),
            created_at: now,
            expires_at: new.expires_in.map(|duration| now.saturating_add(duration)),
            revoked_at: None,
            last_used_at: None,
        };
        self.check.store.insert(&record).await?;
        // Caches may hold that there is no such key.
        if let Err(error) = self.announce(Target::Key(record.id.clone()), Effect::Changed).await {
            self.check.store.revoke(&record.id, now).await?;
            return Err(error.into());
        }
        Ok((key, record))
    }

    /// The user's keys, newest first; never a text.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn list(&self, user: &UserId) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        self.check.store.list(user).await
    }

    /// Ends a key, now and everywhere. `None` if there is no such key (any more).
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn revoke(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let record = self.check.store.revoke(id, self.now()).await?;
        self.announce(Target::Key(id.clone()), Effect::Ended).await?;
        Ok(record)
    }

    /// Whether a text is a key that works now, asked of the store: the key and its user.
    ///
    /// # Errors
    ///
    /// As [`ApiKeyAuthenticator`] says, except that every text that is no key of the format is
    /// [`Structure`](remint_core::DeniedKind::Structure).
    pub async fn verify(&self, text: &str) -> Result<Verified<FoundKey>, Refusal> {
        self.check.verify(text).await
    }

    /// Writes into the store when keys were last used. Call it every few seconds and at shutdown;
    /// dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer; the next flush tries again.
    pub async fn flush(&self) -> Result<(), Unavailable> {
        self.check.last_used.flush(&*self.check.store).await
    }

    async fn announce(&self, target: Target, effect: Effect) -> Result<(), Unavailable> {
        self.revoker.revoke(Revocation { target, effect, at: self.now() }).await.map(|_stamp| ())
    }

    fn now(&self) -> Timestamp {
        self.check.clock.now()
    }
}

/// `key_` and 119 random bits. It is public: what it names is told by the store alone.
fn random_id() -> Result<KeyId, Unavailable> {
    let mut text = String::from("key_");
    base62::push_random(&mut text, 20, getrandom::fill).map_err(no_entropy)?;
    KeyId::new(text).map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))
}

fn no_entropy(error: getrandom::Error) -> Unavailable {
    Unavailable::new(UnavailableKind::Internal).with_source(error)
}
