use remint_core::{
    ApiKeyRecord, AuditAction, Commit, Effect, KeyCursor, KeyId, KeyRotation, MadeBy, Page, Revocation, StoreError,
    Target, Timestamp, Unavailable, UserId,
};

use super::ApiKeys;
use super::defect::defect;
use super::rows::row;
use super::trail::tell;
use crate::{ApiKey, NewKey, Pepper, RotateKey, RotatedKey, base62};

impl ApiKeys {
    /// Makes a key. Its text is returned this once and kept nowhere. What [made](ApiKeyRecord::made_by) it is who
    /// this handle [acts as](Self::acting_as).
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownUser`]; [`StoreError::MakerEnded`] if a key makes it that has ended;
    /// [`StoreError::Replayed`] with the key's id and
    /// [`StoreError::IdempotencyKeyReused`] where the request is to be carried out [once](NewKey::once);
    /// [`StoreError::Unavailable`] if the store or the operating system's generator failed, or if the nodes of the
    /// store use a pepper that is not here; where the store holds no revocation log, also if the log apart from it
    /// failed. No key is left that nobody knows the text of, unless the store fails too when it is to be revoked again.
    pub async fn create(&self, mut new: NewKey) -> Result<(ApiKey, ApiKeyRecord), StoreError> {
        let now = self.now();
        let once = new.once.take();
        let (key, record) = self.made(new, &self.check.pepper_for_new().await?, now)?;
        let audit = [self.new_key_event(now, AuditAction::KeyIssued, &record)?];
        let rows = [row(Target::Key(record.id.clone()), Effect::Changed, now)];
        let commit = Commit { once: once.as_ref(), audit: &audit, revocations: &rows };
        self.check.store.insert(std::slice::from_ref(&record), commit).await?;
        tell(&audit);
        self.announce_new(&record, &rows, now).await?;
        Ok((key, record))
    }

    /// Makes a new key in place of an old one, which goes on until the deadline.
    ///
    /// The new key descends from whatever key rotates: from the old one only if that rotates itself.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownKey`]; [`StoreError::Ended`] if the old key has ended or was rotated
    /// already; otherwise as [`create`](Self::create).
    pub async fn rotate(&self, rotate: RotateKey) -> Result<RotatedKey, StoreError> {
        let RotateKey { id, overlap, not_after, once } = rotate;
        let now = self.now();
        let Some(old) = self.check.store.key(&id).await? else { return Err(StoreError::UnknownKey) };
        let mut new = NewKey::new(old.user, old.environment).with_networks(old.networks);
        new.scopes = old.scopes;
        new.act_for = old.act_for;
        new.expires_in = old.expires_at.map(|end| end.saturating_duration_since(old.created_at));
        new.not_after = not_after;
        let (key, mut record) = self.made(new, &self.check.pepper_for_new().await?, now)?;
        record.name = old.name;
        let mut event = self.new_key_event(now, AuditAction::KeyRotated, &record)?;
        event.detail.insert("old".into(), id.as_str().into());
        let rotation = KeyRotation { old: id, deadline: now.saturating_add(overlap), new: record };
        let audit = [event];
        // Caches ask again about the old key, since it goes on, with its deadline; without an overlap it has ended.
        let effect = if rotation.deadline > now { Effect::Changed } else { Effect::Ended };
        let rows = [
            row(Target::Key(rotation.old.clone()), effect, now),
            row(Target::Key(rotation.new.id.clone()), Effect::Changed, now),
        ];
        let commit = Commit { once: once.as_ref(), audit: &audit, revocations: &rows };
        let old = self.check.store.rotate(&rotation, commit).await?;
        tell(&audit);
        self.announce_new(&rotation.new, &rows, now).await?;
        Ok(RotatedKey { key, new: rotation.new, old })
    }

    /// The key of this id; never its text.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn key(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        self.check.store.key(id).await
    }

    /// How many keys that work have scopes of their own and a user with entitlements, which do not go with them.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn without_entitlements(&self) -> Result<u64, Unavailable> {
        self.check.store.keys_without_entitlements(self.now()).await
    }

    /// All of the user's keys, newest first; never a text.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn list(&self, user: &UserId) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        self.list_page(user, Page::all()).await
    }

    /// A part of the user's keys, newest first; never a text.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn list_page(&self, user: &UserId, page: Page<KeyCursor>) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        self.check.store.list(user, page).await
    }

    /// Ends a key, now and everywhere. `None` if there is no such key (any more).
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn revoke(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let now = self.now();
        let known = self.check.store.key(id).await?;
        let audit: Vec<_> = known.iter().map(|key| self.key_event(now, AuditAction::KeyRevoked, key)).collect();
        let rows = [row(Target::Key(id.clone()), Effect::Ended, now)];
        let commit = Commit::audited(&audit).with_revocations(&rows);
        let record = self.check.store.revoke(id, now, commit).await?;
        if record.is_some() && known.is_some_and(|key| key.revoked_at.is_none()) {
            tell(&audit);
        }
        self.announce(&rows).await?;
        Ok(record)
    }

    /// A key's text and record, in no store yet.
    pub(super) fn made(
        &self,
        new: NewKey,
        pepper: &Pepper,
        now: Timestamp,
    ) -> Result<(ApiKey, ApiKeyRecord), Unavailable> {
        let key = self.check.format.generate(new.environment).map_err(no_entropy)?;
        let record = ApiKeyRecord {
            id: random_id()?,
            expires_at: new.expires_at(now),
            user: new.user,
            environment: new.environment,
            name: new.name.map(String::from),
            start: key.start().to_owned(),
            scopes: new.scopes,
            networks: new.networks,
            act_for: new.act_for,
            digest: pepper.digest(key.expose_secret()),
            created_at: now,
            revoked_at: None,
            last_used_at: None,
            rotated_to: None,
            made_by: MadeBy::from(&self.actor),
        };
        Ok((key, record))
    }

    /// Tells of the change that made a key: caches may hold that there is no such key. A store that holds the log has
    /// the rows already, and telling does not fail. If a log apart from it cannot be told, the new key is withdrawn:
    /// its text will reach nobody.
    async fn announce_new(&self, record: &ApiKeyRecord, rows: &[Revocation], now: Timestamp) -> Result<(), StoreError> {
        if let Err(error) = self.announce(rows).await {
            self.withdraw(record, now).await?;
            return Err(error.into());
        }
        Ok(())
    }

    async fn withdraw(&self, record: &ApiKeyRecord, now: Timestamp) -> Result<(), Unavailable> {
        let audit = [self.key_event(now, AuditAction::KeyRevoked, record)];
        self.check.store.revoke(&record.id, now, Commit::audited(&audit)).await?;
        tell(&audit);
        Ok(())
    }
}

/// `key_` and 119 random bits. It is public: what it names is told by the store alone.
fn random_id() -> Result<KeyId, Unavailable> {
    let mut text = String::from("key_");
    base62::push_random(&mut text, 20, getrandom::fill).map_err(no_entropy)?;
    KeyId::new(text).map_err(defect)
}

fn no_entropy(error: getrandom::Error) -> Unavailable {
    defect(error)
}
