use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Commit, DeletedUser, Directory, ExternalIdentity, FoundUser, SignUp, StoreError, Tenant, TenantChange, TenantId,
    Timestamp, Unavailable, User, UserChange, UserId,
};
use sqlx::postgres::PgConnection;

use crate::failed::Failed;
use crate::row::{self, tenant_columns, user_columns};
use crate::statement::sql;
use crate::{Postgres, idempotency, keys, revocations};

#[async_trait]
impl Directory for Postgres {
    async fn sign_up(&self, sign_up: &SignUp, commit: Commit<'_>) -> Result<(), StoreError> {
        let keep = self.write(|| async {
            let SignUp { user, external, keys } = sign_up;
            let mut transaction = self.begin().await?;
            idempotency::keep(&mut transaction, commit.once, Some(user.id.as_str())).await?;
            insert(&mut transaction, user).await?;
            link(&mut transaction, &user.id, external).await?;
            keys::keep(&mut transaction, keys).await?;
            revocations::with_change(&mut transaction, commit).await?;
            Ok(transaction.commit().await?)
        });
        Ok(keep.await?)
    }

    async fn insert_users(&self, users: &[User], commit: Commit<'_>) -> Result<(), StoreError> {
        let Some(first) = users.first() else { return Ok(()) };
        let keep = self.write_much(patience(users.len()), || async {
            let mut transaction = self.begin().await?;
            idempotency::keep(&mut transaction, commit.once, Some(first.id.as_str())).await?;
            // In one order: two who keep the same users do not wait for each other.
            let mut users: Vec<_> = users.iter().collect();
            users.sort_by(|a, b| (&a.tenant, &a.id).cmp(&(&b.tenant, &b.id)));
            for user in users {
                insert(&mut transaction, user).await?;
            }
            revocations::with_change(&mut transaction, commit).await?;
            Ok(transaction.commit().await?)
        });
        Ok(keep.await?)
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        let read = self.read(|| async {
            let found = self.row_if_any(sql(USER).bind(id.as_str())).await?;
            Ok(found.map(|row| row::user(&row, 0)).transpose()?)
        });
        Ok(read.await?)
    }

    async fn external(&self, id: &UserId) -> Result<Vec<ExternalIdentity>, Unavailable> {
        let read = self.read(|| async {
            let rows = self.rows(sql(EXTERNAL).bind(id.as_str())).await?;
            Ok(rows.iter().map(row::external).collect::<Result<_, _>>()?)
        });
        Ok(read.await?)
    }

    async fn linked(&self, external: &ExternalIdentity) -> Result<Option<FoundUser>, Unavailable> {
        let read = self.read(|| async {
            let query = sql(LINKED).bind(external.issuer.as_str()).bind(external.subject.as_str());
            let found = self.row_if_any(query).await?;
            Ok(found.map(|row| row::found_user(&row, 0)).transpose()?)
        });
        Ok(read.await?)
    }

    async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
        commit: Commit<'_>,
    ) -> Result<Option<User>, StoreError> {
        let change = self.write(|| async {
            let mut transaction = self.begin().await?;
            let Some(mut user) = locked(&mut transaction, id, LOCKED_FOR_CHANGE).await? else { return Ok(None) };
            apply(change, &mut user);
            let now = commit.audit.first().map_or(user.created_at, |event| event.at);
            make_tenant(&mut transaction, user.tenant.as_ref(), now).await?;
            sql(UPDATE_USER)
                .bind(id.as_str())
                .bind(user.tenant.as_ref().map(AsRef::<str>::as_ref))
                .bind(user.enabled)
                .bind(user.scopes.to_string())
                .bind(user.roles.as_slice())
                .bind(&user.entitlements)
                .bind(user.plan.as_ref().map(AsRef::<str>::as_ref))
                .execute(&mut *transaction)
                .await?;
            if let Some(external) = &change.external {
                lock_links(&mut transaction).await?;
                sql(UNLINK).bind(id.as_str()).execute(&mut *transaction).await?;
                link(&mut transaction, id, external).await?;
            }
            revocations::with_change(&mut transaction, commit).await?;
            transaction.commit().await?;
            Ok(Some(user))
        });
        Ok(change.await?)
    }

    async fn delete_user(&self, id: &UserId, commit: Commit<'_>) -> Result<Option<DeletedUser>, Unavailable> {
        let delete = self.write(|| async {
            let mut transaction = self.begin().await?;
            let Some(user) = locked(&mut transaction, id, LOCKED_FOR_GOOD).await? else { return Ok(None) };
            let rows = sql(EXTERNAL).bind(id.as_str()).fetch_all(&mut *transaction).await?;
            let external = rows.iter().map(row::external).collect::<Result<_, _>>()?;
            // In the order in which others lock keys, or the two could wait for each other.
            sql(LOCK_KEYS).bind(id.as_str()).execute(&mut *transaction).await?;
            // The foreign keys take keys and external identities along.
            sql("DELETE FROM remint.users WHERE id = $1").bind(id.as_str()).execute(&mut *transaction).await?;
            revocations::with_change(&mut transaction, commit).await?;
            transaction.commit().await?;
            Ok(Some(DeletedUser { user, external }))
        });
        Ok(delete.await?)
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Unavailable> {
        let read = self.read(|| async {
            let found = self.row_if_any(sql(TENANT).bind(id.as_str())).await?;
            Ok(found.map(|row| row::tenant(&row, 0)).transpose()?)
        });
        Ok(read.await?)
    }

    async fn change_tenant(
        &self,
        id: &TenantId,
        change: &TenantChange,
        commit: Commit<'_>,
    ) -> Result<Option<Tenant>, Unavailable> {
        let change = self.write(|| async {
            let mut transaction = self.begin().await?;
            let changed = sql(CHANGE_TENANT)
                .bind(id.as_str())
                .bind(change.enabled)
                .bind(change.plan.is_some())
                .bind(change.plan.iter().flatten().map(AsRef::<str>::as_ref).next())
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(row) = changed else { return Ok(None) };
            revocations::with_change(&mut transaction, commit).await?;
            transaction.commit().await?;
            Ok(Some(row::tenant(&row, 0)?))
        });
        Ok(change.await?)
    }
}

async fn locked(
    connection: &mut PgConnection,
    id: &UserId,
    statement: &'static str,
) -> Result<Option<User>, sqlx::Error> {
    let found = sql(statement).bind(id.as_str()).fetch_optional(connection).await?;
    found.map(|row| row::user(&row, 0)).transpose()
}

/// How long it may take to keep so many users, each with a statement or two, in addition to what any call may take.
fn patience(users: usize) -> Duration {
    PER_USER.saturating_mul(u32::try_from(users).unwrap_or(u32::MAX))
}

/// The user, and their tenant if it is not there.
async fn insert(transaction: &mut PgConnection, user: &User) -> Result<(), Failed> {
    make_tenant(transaction, user.tenant.as_ref(), user.created_at).await?;
    sql(INSERT_USER)
        .bind(user.id.as_str())
        .bind(user.tenant.as_ref().map(AsRef::<str>::as_ref))
        .bind(user.enabled)
        .bind(user.scopes.to_string())
        .bind(user.roles.as_slice())
        .bind(&user.entitlements)
        .bind(user.plan.as_ref().map(AsRef::<str>::as_ref))
        .bind(row::integer(user.created_at))
        .execute(transaction)
        .await?;
    Ok(())
}

async fn make_tenant(
    connection: &mut PgConnection,
    id: Option<&TenantId>,
    created_at: Timestamp,
) -> Result<(), sqlx::Error> {
    if let Some(id) = id {
        sql(MAKE_TENANT).bind(id.as_str()).bind(row::integer(created_at)).execute(connection).await?;
    }
    Ok(())
}

/// One at a time changes whose an identity is: two who take from each other what the other gives up would
/// wait for each other. It is given back at the transaction's end.
async fn lock_links(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sql("SELECT pg_advisory_xact_lock($1)").bind(LINKS).execute(connection).await?;
    Ok(())
}

/// In ascending order: whoever links the same at the same time then waits and does not stand in the
/// way.
async fn link(connection: &mut PgConnection, id: &UserId, external: &[ExternalIdentity]) -> Result<(), Failed> {
    let mut external: Vec<_> = external.iter().collect();
    external.sort_unstable();
    external.dedup();
    if external.is_empty() {
        return Ok(());
    }
    lock_links(connection).await?;
    sql(LINK)
        .bind(id.as_str())
        .bind(external.iter().map(|link| link.issuer.as_str()).collect::<Vec<_>>())
        .bind(external.iter().map(|link| link.subject.as_str()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

fn apply(change: &UserChange, user: &mut User) {
    // `external` is kept beside the user.
    let UserChange { enabled, tenant, scopes, roles, entitlements, plan, external: _ } = change;
    user.enabled = enabled.unwrap_or(user.enabled);
    if let Some(tenant) = tenant {
        user.tenant.clone_from(tenant);
    }
    if let Some(scopes) = scopes {
        user.scopes.clone_from(scopes);
    }
    if let Some(roles) = roles {
        user.roles.clone_from(roles);
    }
    if let Some(entitlements) = entitlements {
        user.entitlements.clone_from(entitlements);
    }
    if let Some(plan) = plan {
        user.plan.clone_from(plan);
    }
}

macro_rules! user {
    () => {
        concat!("SELECT ", user_columns!(), " FROM remint.users u WHERE u.id = $1")
    };
}

const USER: &str = user!();

/// New keys of the user may come meanwhile.
const LOCKED_FOR_CHANGE: &str = concat!(user!(), " FOR NO KEY UPDATE");

const LOCKED_FOR_GOOD: &str = concat!(user!(), " FOR UPDATE");

const LOCK_KEYS: &str = "SELECT FROM remint.api_keys WHERE user_id = $1 ORDER BY id FOR UPDATE";

const PER_USER: Duration = Duration::from_millis(5);

const INSERT_USER: &str = "
    INSERT INTO remint.users (id, tenant_id, enabled, scopes, roles, entitlements, plan, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const UPDATE_USER: &str = "
    UPDATE remint.users
    SET tenant_id = $2, enabled = $3, scopes = $4, roles = $5, entitlements = $6, plan = $7 WHERE id = $1";

const EXTERNAL: &str =
    "SELECT issuer, subject FROM remint.external_identities WHERE user_id = $1 ORDER BY issuer, subject";

const LINK: &str = "
    INSERT INTO remint.external_identities (user_id, issuer, subject)
    SELECT $1, issuer, subject FROM unnest($2::text[], $3::text[]) AS link (issuer, subject)";

/// One of a kind among our advisory locks: that of the audit trail is another.
const LINKS: i64 = i64::from_be_bytes(*b"remint\0\x03");

const UNLINK: &str = "DELETE FROM remint.external_identities WHERE user_id = $1";

const LINKED: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    tenant_columns!(),
    " FROM remint.external_identities e JOIN remint.users u ON u.id = e.user_id \
     LEFT JOIN remint.tenants t ON t.id = u.tenant_id WHERE e.issuer = $1 AND e.subject = $2"
);

const TENANT: &str = concat!("SELECT ", tenant_columns!(), " FROM remint.tenants t WHERE t.id = $1");

const MAKE_TENANT: &str =
    "INSERT INTO remint.tenants (id, enabled, created_at) VALUES ($1, true, $2) ON CONFLICT (id) DO NOTHING";

const CHANGE_TENANT: &str = concat!(
    "UPDATE remint.tenants t SET enabled = coalesce($2, t.enabled), plan = CASE WHEN $3 THEN $4 ELSE t.plan END \
     WHERE t.id = $1 RETURNING ",
    tenant_columns!()
);
