use std::collections::HashSet;
use std::num::NonZeroUsize;

use remint_core::{
    ApiKeyRecord, AuditAction, AuditEvent, Commit, Effect, KeyId, MadeBy, Page, StoreError, Target, Timestamp,
    Unavailable, User, UserId,
};

use super::ApiKeys;
use super::defect::defect;
use super::rows::row;
use super::trail::tell;
use crate::foreign::{Accepted, HashPool};
use crate::{ImportedKey, InvalidImport, Pepper, TextFormat};

impl ApiKeys {
    /// The same, where keys of these formats are accepted; ours only, unless set. Name
    /// [`TextFormat::Remint`] too, unless keys of ours are to be refused.
    ///
    /// A text that means to be one of ours is never read as anything else. Of the others, the first
    /// format in the list that claims a text reads it.
    #[must_use]
    pub fn accepting(mut self, formats: Vec<TextFormat>) -> Self {
        self.check.accepted = Accepted::new(formats);
        self
    }

    /// The same, where slow hashes (PBKDF2, of imported keys that were not used yet) are made on so
    /// many threads, with so many requests waiting for one; the next are
    /// [`Unavailable`](remint_core::Refusal::Unavailable). Half of the processors, four at most, and
    /// eight waiting for each, unless set.
    #[must_use]
    pub fn hashing_on(mut self, threads: NonZeroUsize, waiting: usize) -> Self {
        self.check.pool = HashPool::new(threads, waiting);
        self
    }

    /// Brings keys of another system along, all or none, in one transaction, and returns them in the
    /// same order. They work from now on where their format is [accepted](Self::accepting), and are
    /// hashed as ours at their first use.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownUser`]; [`StoreError::Conflict`] if one of them is there already, also if
    /// it was hashed anew since ([`imported`](Self::imported) tells which);
    /// [`StoreError::Unavailable`] if the store or the revocation log did not take it. In the last
    /// case the keys may be there, and caches may go on for two seconds to hold that they are not.
    pub async fn import(&self, keys: Vec<ImportedKey>) -> Result<Vec<ApiKeyRecord>, StoreError> {
        for key in &keys {
            if self.imported(key).await?.is_some() {
                return Err(StoreError::Conflict);
            }
        }
        self.import_new(keys).await
    }

    /// [`import`](Self::import), of keys of which it was just asked that none was [imported](Self::imported) before.
    ///
    /// # Errors
    ///
    /// As of [`import`](Self::import).
    pub async fn import_new(&self, keys: Vec<ImportedKey>) -> Result<Vec<ApiKeyRecord>, StoreError> {
        let now = self.now();
        let pepper = self.check.pepper_for_import().await?;
        let mut records = Vec::with_capacity(keys.len());
        let mut audit = Vec::with_capacity(keys.len());
        for key in keys {
            let scheme = key.digest.scheme().to_owned();
            let record = self.brought(key, &pepper, now)?;
            audit.push(self.import_event(now, &record, scheme));
            records.push(record);
        }
        if records.is_empty() {
            return Ok(records);
        }
        let changed = |record: &ApiKeyRecord| row(Target::Key(record.id.clone()), Effect::Changed, now);
        let rows: Vec<_> = records.iter().map(changed).collect();
        self.check.store.insert(&records, Commit::audited(&audit).with_revocations(&rows)).await?;
        tell(&audit);
        self.announce(&rows).await?;
        Ok(records)
    }

    /// The key that an import of this one made before, if it did.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn imported(&self, key: &ImportedKey) -> Result<Option<ApiKeyRecord>, Unavailable> {
        for pepper in self.check.peppers.iter() {
            if let Some(record) = self.check.store.key(&import_id(pepper, key)?).await? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Brings users along, all or none, in one transaction, as they are.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if one of them is there already; [`StoreError::Unavailable`] if the store or the
    /// revocation log did not take it. In the last case the users may be there.
    pub async fn import_users(&self, users: &[User]) -> Result<(), StoreError> {
        let now = self.now();
        let created = |user: &User| AuditEvent {
            tenant: user.tenant.clone(),
            ..self.user_event(now, AuditAction::UserCreated, &user.id)
        };
        let audit: Vec<_> = users.iter().map(created).collect();
        let changed = |user: &User| row(Target::User(user.id.clone()), Effect::Changed, now);
        let rows: Vec<_> = users.iter().map(changed).collect();
        self.check.store.insert_users(users, Commit::audited(&audit).with_revocations(&rows)).await?;
        tell(&audit);
        Ok(self.announce(&rows).await?)
    }

    /// Those of these users who were deleted, by the audit trail; it is read from its beginning.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn deleted_among(&self, users: &HashSet<UserId>) -> Result<HashSet<UserId>, Unavailable> {
        let (mut deleted, mut after) = (HashSet::new(), None);
        loop {
            let events = self.check.store.events(Page { after, limit: EVENTS }).await?;
            after = events.last().map(|(number, _)| *number);
            if after.is_none() {
                return Ok(deleted);
            }
            let gone = events.into_iter().filter(|(_, event)| event.action == AuditAction::UserDeleted);
            deleted.extend(gone.filter_map(|(_, event)| event.user).filter(|user| users.contains(user)));
        }
    }

    /// Whether a key would be found by its text, once it is imported: how this service reads texts decides it
    /// ([`accepting`](Self::accepting), [`with_format`](Self::with_format)).
    ///
    /// # Errors
    ///
    /// [`InvalidImport`] says why it would be refused.
    pub fn would_find(&self, key: &ImportedKey) -> Result<(), InvalidImport> {
        self.check.accepted.check(&self.check.format, &key.format, &key.start, key.digest.is_slow())
    }

    fn brought(&self, key: ImportedKey, pepper: &Pepper, now: Timestamp) -> Result<ApiKeyRecord, Unavailable> {
        Ok(ApiKeyRecord {
            id: import_id(pepper, &key)?,
            user: key.user,
            environment: key.environment,
            name: key.name.map(String::from),
            start: key.start,
            scopes: key.scopes,
            networks: key.networks,
            // The other system's administrators are not ours.
            act_for: None,
            digest: key.digest.into_digest(),
            created_at: key.created_at.map_or(now, |at| at.min(now)),
            expires_at: key.expires_at,
            revoked_at: key.revoked.then_some(now),
            last_used_at: None,
            rotated_to: None,
            made_by: MadeBy::from(&self.actor),
        })
    }

    fn import_event(&self, now: Timestamp, record: &ApiKeyRecord, scheme: String) -> AuditEvent {
        let mut event = self.key_event(now, AuditAction::KeyImported, record);
        event.detail.insert("scheme".into(), scheme.into());
        if record.revoked_at.is_some() {
            event.detail.insert("revoked".into(), true.into());
        }
        event
    }
}

/// An id that is the same each time the same key is imported, and that tells nothing of its digest.
fn import_id(pepper: &Pepper, key: &ImportedKey) -> Result<KeyId, Unavailable> {
    KeyId::new(format!("key_{}", pepper.name_of(key.digest.as_digest()))).map_err(defect)
}

/// Of the audit trail at once.
const EVENTS: usize = 1000;
