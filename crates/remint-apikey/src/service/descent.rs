use std::collections::HashSet;

use remint_core::{ApiKeyRecord, AuditAction, AuditEvent, Effect, KeyEnd, KeyId, Page, Target, Timestamp, Unavailable};

use super::ApiKeys;
use super::rows::row;
use super::trail::tell;

/// A key that was ended, and what ended with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedKeys {
    /// The key; `None` if there is no such key (any more).
    pub key: Option<ApiKeyRecord>,
    /// How many keys descend from it, those included that had ended before or are gone.
    pub descendants: usize,
}

impl EndedKeys {
    /// Whether there was anything to end: the key, or what it made before it was gone.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.key.is_some() || self.descendants > 0
    }
}

impl ApiKeys {
    /// Ends a key and each of its descendants, now and everywhere: the keys that it made, those that they made,
    /// and so on. A key that took its place is among them only if the key rotated itself. Keys that descend
    /// from one that is gone with its user end too.
    ///
    /// The store is changed in one transaction for each 5,000 keys, from the key on downwards, and no ended key
    /// makes another: of more keys than that, all have ended when this returns, and after an error those that
    /// were reached. Each key gets its own audit event and its own row of the revocation log. Memory holds the
    /// ids of all descendants.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the revocation log did not take it: call again.
    pub async fn revoke_with_descendants(&self, id: &KeyId) -> Result<EndedKeys, Unavailable> {
        let now = self.now();
        let known = self.check.store.key(id).await?;
        let audit = known.iter().map(|key| self.key_event(now, AuditAction::KeyRevoked, key)).collect();
        let descendants = self.end_line(key_end(id.clone(), audit, now), now).await?;
        let key = known.map(|key| ApiKeyRecord { revoked_at: key.revoked_at.or(Some(now)), ..key });
        Ok(EndedKeys { key, descendants })
    }

    /// Ends a key, with these events, and its descendants; says how many there are.
    pub(super) async fn end_line(&self, root: KeyEnd, now: Timestamp) -> Result<usize, Unavailable> {
        let mut done = HashSet::new();
        // Whoever was making a key meanwhile has made it before its maker ended: another look finds it.
        loop {
            let mut left = self.line_of(&root.id).await?;
            left.retain(|id| !done.contains(id));
            if left.is_empty() {
                return Ok(done.len().saturating_sub(1));
            }
            for part in left.chunks(AT_ONCE) {
                self.end_part(&root, part, now).await?;
            }
            done.extend(left);
        }
    }

    async fn end_part(&self, root: &KeyEnd, part: &[KeyId], now: Timestamp) -> Result<(), Unavailable> {
        let mut ends = Vec::with_capacity(part.len());
        for id in part {
            let audit =
                if *id == root.id { root.audit.clone() } else { self.descendant_events(&root.id, id, now).await? };
            ends.push(key_end(id.clone(), audit, now));
        }
        let ended: HashSet<_> = self.check.store.revoke_all(&ends, now).await?.into_iter().collect();
        for end in ends.iter().filter(|end| ended.contains(&end.id)) {
            tell(&end.audit);
        }
        // Of those that had ended before, too: a row may be missing.
        for end in &ends {
            self.announce(&end.revocations).await?;
        }
        Ok(())
    }

    async fn descendant_events(
        &self,
        root: &KeyId,
        id: &KeyId,
        now: Timestamp,
    ) -> Result<Vec<AuditEvent>, Unavailable> {
        let key = self.check.store.key(id).await?.filter(|key| key.revoked_at.is_none());
        Ok(key
            .map(|key| {
                let mut event = self.key_event(now, AuditAction::KeyRevoked, &key);
                event.detail.insert("descends_from".into(), root.as_str().into());
                event
            })
            .into_iter()
            .collect())
    }

    /// The key and all that descend from it, each after its maker.
    async fn line_of(&self, root: &KeyId) -> Result<Vec<KeyId>, Unavailable> {
        let mut line = vec![root.clone()];
        let mut known = HashSet::from([root.clone()]);
        let mut read = 0;
        while let Some(makers) = line.get(read..line.len().min(read + MAKERS)).filter(|makers| !makers.is_empty()) {
            let makers = makers.to_vec();
            read += makers.len();
            let mut page = Page::first(AT_ONCE);
            loop {
                let made = self.check.store.descent(&makers, page.clone()).await?;
                line.extend(made.iter().map(|made| &made.key).filter(|key| known.insert((*key).clone())).cloned());
                if made.len() < page.limit {
                    break;
                }
                page.after = made.into_iter().next_back();
            }
        }
        Ok(line)
    }
}

/// A key that ends, with these events and its row.
pub(super) fn key_end(id: KeyId, audit: Vec<AuditEvent>, now: Timestamp) -> KeyEnd {
    let revocations = vec![row(Target::Key(id.clone()), Effect::Ended, now)];
    KeyEnd { id, audit, revocations }
}

/// How many keys are ended in one transaction, and read at once.
const AT_ONCE: usize = 5_000;

/// Of how many keys it is asked at once what they made.
const MAKERS: usize = 500;
