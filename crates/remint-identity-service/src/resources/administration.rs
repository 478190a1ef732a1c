use std::time::Duration;

use remint_apikey::{ApiKeys, NewUser, SignedUp};
use remint_core::{
    ApiKeyRecord, Environment, ExternalIdentity, KeyCursor, KeyId, Page, Stamp, StoreError, Target, Tenant,
    TenantChange, TenantId, User, UserChange, UserId,
};
use remint_http_api::Problem;

use crate::limits::bound_credential;

/// Users and tenants, for an administrator to read and change.
#[derive(Debug)]
pub(crate) struct Administration {
    /// Acting as the administrator.
    pub(super) keys: ApiKeys,
    pub(super) bound: bool,
}

/// A user with their first keys: signed up now, or under the same idempotency key before.
#[derive(Debug)]
pub(crate) enum SignUpOutcome {
    Now(SignedUp),
    Before { user: User, external: Vec<ExternalIdentity>, keys: Vec<ApiKeyRecord> },
}

impl Administration {
    /// Signs a user up, with keys of these environments. A credential that is bound to its sender makes no keys.
    pub(crate) async fn sign_up(&self, new: NewUser, issue: Vec<Environment>) -> Result<SignUpOutcome, Problem> {
        if self.bound && !issue.is_empty() {
            return Err(bound_credential());
        }
        match self.keys.sign_up(new.issuing(issue)).await {
            Ok(signed_up) => Ok(SignUpOutcome::Now(signed_up)),
            Err(StoreError::Replayed { resource }) => self.signed_up_before(&resource).await,
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
    ) -> Result<(User, Vec<ExternalIdentity>), Problem> {
        let user = match *change == UserChange::default() {
            true => self.keys.user(id).await?,
            false => self.keys.change_user(id, change).await?,
        };
        Ok((user.ok_or_else(Problem::not_found)?, self.keys.external(id).await?))
    }

    pub(crate) async fn delete_user(&self, id: &UserId) -> Result<(), Problem> {
        if self.keys.delete_user(id).await? { Ok(()) } else { Err(Problem::not_found()) }
    }

    pub(crate) async fn tenant(&self, id: &TenantId) -> Result<Tenant, Problem> {
        self.keys.tenant(id).await?.ok_or_else(Problem::not_found)
    }

    pub(crate) async fn change_tenant(&self, id: &TenantId, change: &TenantChange) -> Result<Tenant, Problem> {
        let tenant = match *change == TenantChange::default() {
            true => self.keys.tenant(id).await?,
            false => self.keys.change_tenant(id, change).await?,
        };
        tenant.ok_or_else(Problem::not_found)
    }

    /// Ends whatever is named, and says where that stands in the log.
    pub(crate) async fn end(&self, target: Target, reason: Option<&str>) -> Result<Stamp, Problem> {
        self.keys.end(target, reason).await?.ok_or_else(Problem::not_found)
    }

    /// The first keys are those as old as the user.
    async fn signed_up_before(&self, id: &str) -> Result<SignUpOutcome, Problem> {
        let id = UserId::new(id).map_err(|_| Problem::defect())?;
        let user = self.keys.user(&id).await?.ok_or_else(Problem::gone)?;
        let external = self.keys.external(&id).await?;
        // A list ends with the oldest: skip all that are younger.
        let younger = KeyCursor {
            created_at: user.created_at.saturating_add(A_MILLI),
            id: KeyId::new(LEAST_ID).map_err(|_| Problem::defect())?,
        };
        let mut keys = self.keys.list_page(&id, Page { after: Some(younger), limit: FIRST_KEYS }).await?;
        keys.retain(|key| key.created_at == user.created_at);
        Ok(SignUpOutcome::Before { user, external, keys })
    }
}

const A_MILLI: Duration = Duration::from_millis(1);

/// No id is less.
const LEAST_ID: &str = "!";

/// More than a sign-up ever makes.
const FIRST_KEYS: usize = 100;
