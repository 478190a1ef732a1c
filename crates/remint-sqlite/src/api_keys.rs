use async_trait::async_trait;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Commit, Descent, FoundKey, KeyCursor, KeyDigest, KeyEnd, KeyId, KeyRotation, Page,
    StoreError, Timestamp, Unavailable, UserId,
};
use sqlx::error::ErrorKind;
use sqlx::sqlite::SqliteConnection;

use crate::Sqlite;
use crate::change::Change;
use crate::columns::{integer, json, limit};
use crate::records::{self, key_columns, networks_text, tenant_columns, user_columns};
use crate::sqlite::unavailable;

#[async_trait]
impl ApiKeyStore for Sqlite {
    async fn insert(&self, keys: &[ApiKeyRecord], commit: Commit<'_>) -> Result<(), StoreError> {
        let mut change = Change::begin(self).await?;
        change.once(commit.once, keys.first().map_or("", |key| key.id.as_str())).await?;
        for key in keys {
            change.insert_key(key).await?;
        }
        Ok(change.commit_with(commit).await?)
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        let found = sqlx::query(FIND)
            .bind(&*digest.scheme)
            .bind(&*digest.bytes)
            .fetch_optional(self.readers())
            .await
            .map_err(unavailable)?;
        found.as_ref().map(records::found_key).transpose().map_err(unavailable)
    }

    async fn candidates(&self, scheme: &str, start: &str) -> Result<Vec<FoundKey>, Unavailable> {
        // As bytes: `length` of a text ends at its first NUL.
        let rows = sqlx::query(CANDIDATES)
            .bind(start)
            .bind(scheme.as_bytes())
            .fetch_all(self.readers())
            .await
            .map_err(unavailable)?;
        rows.iter().map(records::found_key).collect::<Result<_, _>>().map_err(unavailable)
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let mut connection = self.readers().acquire().await.map_err(unavailable)?;
        key(&mut connection, id).await
    }

    async fn list(&self, user: &UserId, page: Page<KeyCursor>) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        let query = match &page.after {
            None => sqlx::query(LIST).bind(user.as_str()),
            Some(last) => {
                sqlx::query(LIST_AFTER).bind(user.as_str()).bind(integer(last.created_at)).bind(last.id.as_str())
            }
        };
        let rows = query.bind(limit(page.limit)).fetch_all(self.readers()).await.map_err(unavailable)?;
        rows.iter().map(records::key).collect::<Result<_, _>>().map_err(unavailable)
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp, commit: Commit<'_>) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let mut change = Change::begin(self).await?;
        let revoked = sqlx::query(REVOKE)
            .bind(integer(at))
            .bind(id.as_str())
            .execute(change.connection())
            .await
            .map_err(unavailable)?;
        let key = key(change.connection(), id).await?;
        if revoked.rows_affected() > 0 {
            change.commit_with(commit).await?;
        }
        Ok(key)
    }

    async fn revoke_all(&self, keys: &[KeyEnd], at: Timestamp) -> Result<Vec<KeyId>, Unavailable> {
        let mut change = Change::begin(self).await?;
        let mut ended = Vec::new();
        for KeyEnd { id, audit, revocations } in keys {
            let query = sqlx::query(REVOKE).bind(integer(at)).bind(id.as_str());
            let revoked = query.execute(change.connection()).await.map_err(unavailable)?;
            if revoked.rows_affected() > 0 {
                change.record(audit).await?;
                change.revoke(revocations).await?;
                ended.push(id.clone());
            }
        }
        change.commit(&[]).await?;
        Ok(ended)
    }

    async fn descent(&self, makers: &[KeyId], page: Page<Descent>) -> Result<Vec<Descent>, Unavailable> {
        let makers: Vec<_> = makers.iter().map(KeyId::as_str).collect();
        let (maker, key) = page.after.as_ref().map_or(("", ""), |last| (last.maker.as_str(), last.key.as_str()));
        let rows = sqlx::query(DESCENT)
            .bind(json(&makers).map_err(unavailable)?)
            .bind(maker)
            .bind(key)
            .bind(limit(page.limit))
            .fetch_all(self.readers())
            .await
            .map_err(unavailable)?;
        rows.iter().map(records::descent).collect::<Result<_, _>>().map_err(unavailable)
    }

    async fn rotate(&self, rotation: &KeyRotation, commit: Commit<'_>) -> Result<ApiKeyRecord, StoreError> {
        let KeyRotation { old: id, deadline, new } = rotation;
        let mut change = Change::begin(self).await?;
        change.once(commit.once, new.id.as_str()).await?;
        let mut old = key(change.connection(), id).await?.ok_or(StoreError::UnknownKey)?;
        if old.rotated_to.is_some() || !old.is_active(new.created_at) {
            return Err(StoreError::Ended);
        }
        change.insert_key(new).await?;
        old.expires_at = Some(old.expires_at.map_or(*deadline, |end| end.min(*deadline)));
        old.rotated_to = Some(new.id.clone());
        sqlx::query(ROTATE)
            .bind(old.expires_at.map(integer))
            .bind(new.id.as_str())
            .bind(id.as_str())
            .execute(change.connection())
            .await
            .map_err(unavailable)?;
        change.commit_with(commit).await?;
        Ok(old)
    }

    async fn rehash(&self, id: &KeyId, from: &KeyDigest, to: &KeyDigest) -> Result<bool, StoreError> {
        let done = sqlx::query(REHASH)
            .bind(&*to.scheme)
            .bind(&*to.bytes)
            .bind(id.as_str())
            .bind(&*from.scheme)
            .bind(&*from.bytes)
            .execute(self.writer())
            .await
            .map_err(refused)?;
        Ok(done.rows_affected() > 0)
    }

    async fn keys_without_entitlements(&self, at: Timestamp) -> Result<u64, Unavailable> {
        let count: i64 = sqlx::query_scalar(WITHOUT_ENTITLEMENTS)
            .bind(integer(at))
            .fetch_one(self.readers())
            .await
            .map_err(unavailable)?;
        Ok(count.unsigned_abs())
    }
}

impl Change {
    pub(crate) async fn insert_key(&mut self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        let act_for = key.act_for.as_ref().map(json).transpose().map_err(unavailable)?;
        self.descend(key).await?;
        sqlx::query(INSERT)
            .bind(key.id.as_str())
            .bind(key.user.as_str())
            .bind(key.environment.as_str())
            .bind(key.name.as_deref())
            .bind(&key.start)
            .bind(key.scopes.as_ref().map(ToString::to_string))
            .bind(networks_text(&key.networks))
            .bind(&*key.digest.scheme)
            .bind(&*key.digest.bytes)
            .bind(integer(key.created_at))
            .bind(key.expires_at.map(integer))
            .bind(key.revoked_at.map(integer))
            .bind(key.last_used_at.map(integer))
            .bind(key.rotated_to.as_ref().map(AsRef::<str>::as_ref))
            .bind(act_for)
            .bind(json(&key.made_by).map_err(unavailable)?)
            .execute(self.connection())
            .await
            .map(|_done| ())
            .map_err(refused)
    }

    /// Writes down which key makes this one, which must be active.
    async fn descend(&mut self, new: &ApiKeyRecord) -> Result<(), StoreError> {
        let Some(maker) = new.made_by.key() else { return Ok(()) };
        let known = key(self.connection(), maker).await?;
        if !known.is_some_and(|maker| maker.is_active(new.created_at)) {
            return Err(StoreError::MakerEnded);
        }
        let query = sqlx::query(DESCEND).bind(maker.as_str()).bind(new.id.as_str());
        query.execute(self.connection()).await.map(|_done| ()).map_err(|error| unavailable(error).into())
    }
}

async fn key(connection: &mut SqliteConnection, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
    let row = sqlx::query(KEY).bind(id.as_str()).fetch_optional(connection).await.map_err(unavailable)?;
    row.as_ref().map(records::key).transpose().map_err(unavailable)
}

/// What a constraint refuses is about what was asked; the rest is an outage.
pub(crate) fn refused(error: sqlx::Error) -> StoreError {
    match error.as_database_error().map(|error| error.kind()) {
        Some(ErrorKind::UniqueViolation) => StoreError::Conflict,
        Some(ErrorKind::ForeignKeyViolation) => StoreError::UnknownUser,
        _ => unavailable(error).into(),
    }
}

const INSERT: &str = "INSERT INTO api_keys (id, user_id, environment, name, start, scopes, networks, scheme, digest, \
                      created_at, expires_at, revoked_at, last_used_at, rotated_to, act_for, made_by) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const DESCEND: &str = "INSERT OR IGNORE INTO key_descent (maker, key) VALUES (?, ?)";

pub(crate) const DESCENT: &str = "SELECT maker, key FROM key_descent WHERE maker IN (SELECT value FROM json_each(?1)) \
                                  AND (maker, key) > (?2, ?3) ORDER BY maker, key LIMIT ?4";

pub(crate) const FIND: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", ",
    user_columns!(),
    ", ",
    tenant_columns!(),
    " FROM api_keys k JOIN users u ON u.id = k.user_id LEFT JOIN tenants t ON t.id = u.tenant_id \
     WHERE k.scheme = ? AND k.digest = ?"
);

pub(crate) const CANDIDATES: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", ",
    user_columns!(),
    ", ",
    tenant_columns!(),
    " FROM api_keys k JOIN users u ON u.id = k.user_id LEFT JOIN tenants t ON t.id = u.tenant_id \
     WHERE k.start = ?1 AND substr(CAST(k.scheme AS BLOB), 1, length(?2)) = ?2 LIMIT 8"
);

pub(crate) const KEY: &str = concat!("SELECT ", key_columns!(), " FROM api_keys k WHERE k.id = ?");

pub(crate) const LIST: &str = concat!(
    "SELECT ",
    key_columns!(),
    " FROM api_keys k WHERE k.user_id = ? ORDER BY k.created_at DESC, k.id DESC LIMIT ?"
);

pub(crate) const LIST_AFTER: &str = concat!(
    "SELECT ",
    key_columns!(),
    " FROM api_keys k WHERE k.user_id = ? AND (k.created_at, k.id) < (?, ?) \
     ORDER BY k.created_at DESC, k.id DESC LIMIT ?"
);

pub(crate) const REVOKE: &str = "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";

pub(crate) const ROTATE: &str = "UPDATE api_keys SET expires_at = ?, rotated_to = ? WHERE id = ?";

pub(crate) const REHASH: &str = "UPDATE api_keys SET scheme = ?, digest = ? WHERE id = ? AND scheme = ? AND digest = ?";

pub(crate) const WITHOUT_ENTITLEMENTS: &str = "SELECT count(*) FROM api_keys k JOIN users u ON u.id = k.user_id \
     WHERE u.entitlements <> '[]' AND k.scopes IS NOT NULL AND k.revoked_at IS NULL \
     AND (k.expires_at IS NULL OR k.expires_at > ?)";
