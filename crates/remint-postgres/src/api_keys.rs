use std::collections::HashSet;

use async_trait::async_trait;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Commit, Descent, FoundKey, KeyCursor, KeyDigest, KeyEnd, KeyId, KeyRotation, Page,
    StoreError, Timestamp, Unavailable, UserId,
};
use sqlx::Row as _;

use crate::row::{self, key_columns, tenant_columns, user_columns};
use crate::statement::sql;
use crate::{Postgres, idempotency, keys, revocations};

#[async_trait]
impl ApiKeyStore for Postgres {
    async fn insert(&self, keys: &[ApiKeyRecord], commit: Commit<'_>) -> Result<(), StoreError> {
        let insert = self.write_much(keys::patience(keys.len()), || async {
            let mut transaction = self.begin().await?;
            idempotency::keep(&mut transaction, commit.once, keys.first().map(|key| key.id.as_str())).await?;
            keys::keep(&mut transaction, keys).await?;
            revocations::with_change(&mut transaction, commit).await?;
            Ok(transaction.commit().await?)
        });
        Ok(insert.await?)
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<FoundKey>, Unavailable> {
        let find = self.read(|| async {
            let query = sql(FIND).bind(&*digest.scheme).bind(&*digest.bytes);
            let found = self.row_if_any(query).await?;
            Ok(found.as_ref().map(row::found_key).transpose()?)
        });
        Ok(find.await?)
    }

    async fn candidates(&self, scheme: &str, start: &str) -> Result<Vec<FoundKey>, Unavailable> {
        let read = self.read(|| async {
            let rows = self.rows(sql(CANDIDATES).bind(start).bind(scheme)).await?;
            Ok(rows.iter().map(row::found_key).collect::<Result<_, _>>()?)
        });
        Ok(read.await?)
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let read = self.read(|| async {
            let found = self.row_if_any(sql(KEY).bind(id.as_str())).await?;
            Ok(found.as_ref().map(row::key).transpose()?)
        });
        Ok(read.await?)
    }

    async fn list(&self, user: &UserId, page: Page<KeyCursor>) -> Result<Vec<ApiKeyRecord>, Unavailable> {
        let limit = row::limit(page.limit);
        let read = self.read(|| async {
            let query = match &page.after {
                None => sql(LIST).bind(user.as_str()).bind(limit),
                Some(KeyCursor { created_at, id }) => {
                    sql(LIST_ON).bind(user.as_str()).bind(limit).bind(row::integer(*created_at)).bind(id.as_str())
                }
            };
            let rows = self.rows(query).await?;
            Ok(rows.iter().map(row::key).collect::<Result<_, _>>()?)
        });
        Ok(read.await?)
    }

    async fn revoke(&self, id: &KeyId, at: Timestamp, commit: Commit<'_>) -> Result<Option<ApiKeyRecord>, Unavailable> {
        let revoke = self.write(|| async {
            let mut transaction = self.begin().await?;
            let query = sql(REVOKE).bind(id.as_str()).bind(row::integer(at));
            if let Some(revoked) = query.fetch_optional(&mut *transaction).await? {
                revocations::with_change(&mut transaction, commit).await?;
                transaction.commit().await?;
                return Ok(Some(row::key(&revoked)?));
            }
            // Revoked before, or not there.
            let found = sql(KEY).bind(id.as_str()).fetch_optional(&mut *transaction).await?;
            Ok(found.as_ref().map(row::key).transpose()?)
        });
        Ok(revoke.await?)
    }

    async fn revoke_all(&self, keys: &[KeyEnd], at: Timestamp) -> Result<Vec<KeyId>, Unavailable> {
        let ids: Vec<_> = keys.iter().map(|key| key.id.as_str()).collect();
        let revoke = self.write_much(keys::patience(keys.len()), || async {
            let mut transaction = self.begin().await?;
            // In the order in which others lock keys, or the two could wait for each other.
            sql(LOCK_ALL).bind(&ids).execute(&mut *transaction).await?;
            let query = sqlx::query_scalar::<_, String>(REVOKE_ALL).bind(&ids).bind(row::integer(at)).persistent(false);
            let ended: HashSet<String> = query.fetch_all(&mut *transaction).await?.into_iter().collect();
            let ended: Vec<_> = keys.iter().filter(|key| ended.contains(key.id.as_str())).collect();
            let events: Vec<_> = ended.iter().flat_map(|key| &key.audit).cloned().collect();
            let revocations: Vec<_> = ended.iter().flat_map(|key| &key.revocations).cloned().collect();
            let commit = Commit::audited(&events).with_revocations(&revocations);
            revocations::with_change(&mut transaction, commit).await?;
            transaction.commit().await?;
            Ok(ended.into_iter().map(|key| key.id.clone()).collect())
        });
        Ok(revoke.await?)
    }

    async fn descent(&self, makers: &[KeyId], page: Page<Descent>) -> Result<Vec<Descent>, Unavailable> {
        let makers: Vec<_> = makers.iter().map(KeyId::as_str).collect();
        let (maker, key) = page.after.as_ref().map_or(("", ""), |last| (last.maker.as_str(), last.key.as_str()));
        let read = self.read(|| async {
            let query = sql(DESCENT).bind(&makers).bind(maker).bind(key).bind(row::limit(page.limit));
            let rows = self.rows(query).await?;
            Ok(rows.iter().map(row::descent).collect::<Result<_, _>>()?)
        });
        Ok(read.await?)
    }

    async fn rotate(&self, rotation: &KeyRotation, commit: Commit<'_>) -> Result<ApiKeyRecord, StoreError> {
        let rotate = self.write(|| async {
            let KeyRotation { old, deadline, new } = rotation;
            let mut transaction = self.begin().await?;
            idempotency::keep(&mut transaction, commit.once, Some(new.id.as_str())).await?;
            // The user first, as whoever deletes them does.
            sql(OWNER).bind(old.as_str()).fetch_optional(&mut *transaction).await?;
            let locked = sql(LOCKED_KEY).bind(old.as_str()).fetch_optional(&mut *transaction).await?;
            let key = row::key(&locked.ok_or(StoreError::UnknownKey)?)?;
            if !key.is_active(new.created_at) || key.rotated_to.is_some() {
                return Err(StoreError::Ended.into());
            }
            keys::keep(&mut transaction, std::slice::from_ref(new)).await?;
            let query = sql(ROTATE).bind(old.as_str()).bind(new.id.as_str()).bind(row::integer(*deadline));
            let rotated = query.fetch_one(&mut *transaction).await?;
            revocations::with_change(&mut transaction, commit).await?;
            transaction.commit().await?;
            Ok(row::key(&rotated)?)
        });
        Ok(rotate.await?)
    }

    async fn rehash(&self, id: &KeyId, from: &KeyDigest, to: &KeyDigest) -> Result<bool, StoreError> {
        let rehash = self.write(|| async {
            let mut transaction = self.begin().await?;
            let done = sql(REHASH)
                .bind(id.as_str())
                .bind(&*from.scheme)
                .bind(&*from.bytes)
                .bind(&*to.scheme)
                .bind(&*to.bytes)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(done.rows_affected() > 0)
        });
        Ok(rehash.await?)
    }

    async fn keys_without_entitlements(&self, at: Timestamp) -> Result<u64, Unavailable> {
        let read = self.read(|| async {
            let query = sql(WITHOUT_ENTITLEMENTS).bind(row::integer(at));
            Ok(self.row(query).await?.try_get(0)?)
        });
        let count: i64 = read.await?;
        Ok(count.unsigned_abs())
    }
}

/// Key, user and tenant, and where they are joined.
macro_rules! found {
    () => {
        concat!(
            "SELECT ",
            key_columns!(),
            ", ",
            user_columns!(),
            ", ",
            tenant_columns!(),
            " FROM remint.api_keys k JOIN remint.users u ON u.id = k.user_id \
             LEFT JOIN remint.tenants t ON t.id = u.tenant_id"
        )
    };
}

macro_rules! key {
    () => {
        concat!("SELECT ", key_columns!(), " FROM remint.api_keys k")
    };
}

const FIND: &str = concat!(found!(), " WHERE k.scheme = $1 AND k.digest = $2");

const CANDIDATES: &str = concat!(found!(), " WHERE k.start = $1 AND starts_with(k.scheme, $2) LIMIT 8");

const KEY: &str = concat!(key!(), " WHERE k.id = $1");

const LOCKED_KEY: &str = concat!(key!(), " WHERE k.id = $1 FOR NO KEY UPDATE");

const OWNER: &str = "
    SELECT FROM remint.users WHERE id = (SELECT user_id FROM remint.api_keys WHERE id = $1) FOR KEY SHARE";

const LIST: &str = concat!(key!(), " WHERE k.user_id = $1 ORDER BY k.created_at DESC, k.id DESC LIMIT $2");

const LIST_ON: &str = concat!(
    key!(),
    " WHERE k.user_id = $1 AND (k.created_at, k.id) < ($3, $4) ORDER BY k.created_at DESC, k.id DESC LIMIT $2"
);

const REVOKE: &str = concat!(
    "UPDATE remint.api_keys k SET revoked_at = $2 WHERE k.id = $1 AND k.revoked_at IS NULL RETURNING ",
    key_columns!()
);

const LOCK_ALL: &str = "SELECT FROM remint.api_keys WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

const REVOKE_ALL: &str = "
    UPDATE remint.api_keys SET revoked_at = $2 WHERE id = ANY($1) AND revoked_at IS NULL RETURNING id";

const DESCENT: &str = "
    SELECT maker, key FROM remint.key_descent WHERE maker = ANY($1) AND (maker, key) > ($2, $3)
    ORDER BY maker, key LIMIT $4";

/// `least` passes over what is absent.
const ROTATE: &str = concat!(
    "UPDATE remint.api_keys k SET rotated_to = $2, expires_at = least(k.expires_at, $3) WHERE k.id = $1 RETURNING ",
    key_columns!()
);

const REHASH: &str =
    "UPDATE remint.api_keys SET scheme = $4, digest = $5 WHERE id = $1 AND scheme = $2 AND digest = $3";

const WITHOUT_ENTITLEMENTS: &str = "
    SELECT count(*) FROM remint.api_keys k JOIN remint.users u ON u.id = k.user_id
    WHERE cardinality(u.entitlements) > 0 AND k.scopes IS NOT NULL AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > $1)";
