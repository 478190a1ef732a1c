use std::collections::BTreeSet;

use async_trait::async_trait;
use remint_core::{
    Commit, DeletedUser, Directory, ExternalIdentity, FoundUser, SignUp, StoreError, Tenant, TenantChange, TenantId,
    Unavailable, User, UserChange, UserId,
};

use super::MemoryStore;
use super::state::{Owner, State};

#[async_trait]
impl Directory for MemoryStore {
    async fn sign_up(&self, sign_up: &SignUp, commit: Commit<'_>) -> Result<(), StoreError> {
        let SignUp { user, external, keys } = sign_up;
        let mut state = self.write()?;
        state.check_once(commit.once)?;
        if state.users.contains_key(&user.id) || external.iter().any(|link| state.external.contains_key(link)) {
            return Err(StoreError::Conflict);
        }
        state.check_keys(keys, Some(&user.id))?;
        state.make_tenant(user.tenant.as_ref(), user.created_at);
        let owner = Owner { user: user.clone(), keys: BTreeSet::new(), external: BTreeSet::new() };
        state.users.insert(user.id.clone(), owner);
        state.link(&user.id, external);
        for key in keys {
            state.keep(key);
        }
        state.done(commit, Some(user.id.as_str()));
        Ok(())
    }

    async fn insert_users(&self, users: &[User], commit: Commit<'_>) -> Result<(), StoreError> {
        let Some(first) = users.first() else { return Ok(()) };
        let mut state = self.write()?;
        state.check_once(commit.once)?;
        let mut ids = BTreeSet::new();
        if users.iter().any(|user| state.users.contains_key(&user.id) || !ids.insert(&user.id)) {
            return Err(StoreError::Conflict);
        }
        for user in users {
            state.make_tenant(user.tenant.as_ref(), user.created_at);
            let owner = Owner { user: user.clone(), keys: BTreeSet::new(), external: BTreeSet::new() };
            state.users.insert(user.id.clone(), owner);
        }
        state.done(commit, Some(first.id.as_str()));
        Ok(())
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, Unavailable> {
        Ok(self.read()?.users.get(id).map(|owner| owner.user.clone()))
    }

    async fn external(&self, id: &UserId) -> Result<Vec<ExternalIdentity>, Unavailable> {
        let state = self.read()?;
        Ok(state.users.get(id).into_iter().flat_map(|owner| &owner.external).cloned().collect())
    }

    async fn linked(&self, external: &ExternalIdentity) -> Result<Option<FoundUser>, Unavailable> {
        let state = self.read()?;
        Ok(state.external.get(external).and_then(|id| state.found_user(id)))
    }

    async fn change_user(
        &self,
        id: &UserId,
        change: &UserChange,
        commit: Commit<'_>,
    ) -> Result<Option<User>, StoreError> {
        let mut state = self.write()?;
        let Some(mut user) = state.users.get(id).map(|owner| owner.user.clone()) else { return Ok(None) };
        let links = change.external.as_deref();
        if links.into_iter().flatten().any(|link| state.external.get(link).is_some_and(|other| other != id)) {
            return Err(StoreError::Conflict);
        }
        apply(change, &mut user);
        let now = commit.audit.first().map_or(user.created_at, |event| event.at);
        state.make_tenant(user.tenant.as_ref(), now);
        if let Some(links) = links {
            state.unlink(id);
            state.link(id, links);
        }
        if let Some(owner) = state.users.get_mut(id) {
            owner.user = user.clone();
        }
        state.done(commit, None);
        Ok(Some(user))
    }

    async fn delete_user(&self, id: &UserId, commit: Commit<'_>) -> Result<Option<DeletedUser>, Unavailable> {
        let mut state = self.write()?;
        let external = state.unlink(id);
        let Some(Owner { user, keys, .. }) = state.users.remove(id) else { return Ok(None) };
        for (_, id) in &keys {
            state.drop_key(id);
        }
        state.done(commit, None);
        Ok(Some(DeletedUser { user, external }))
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, Unavailable> {
        Ok(self.read()?.tenants.get(id).cloned())
    }

    async fn change_tenant(
        &self,
        id: &TenantId,
        change: &TenantChange,
        commit: Commit<'_>,
    ) -> Result<Option<Tenant>, Unavailable> {
        let mut state = self.write()?;
        let Some(tenant) = state.tenants.get_mut(id) else { return Ok(None) };
        tenant.enabled = change.enabled.unwrap_or(tenant.enabled);
        if let Some(plan) = &change.plan {
            tenant.plan.clone_from(plan);
        }
        let tenant = tenant.clone();
        state.done(commit, None);
        Ok(Some(tenant))
    }
}

impl State {
    fn link(&mut self, id: &UserId, external: &[ExternalIdentity]) {
        if let Some(owner) = self.users.get_mut(id) {
            for link in external {
                self.external.insert(link.clone(), id.clone());
                owner.external.insert(link.clone());
            }
        }
    }

    fn unlink(&mut self, id: &UserId) -> Vec<ExternalIdentity> {
        let owner = self.users.get_mut(id);
        let external = owner.map(|owner| std::mem::take(&mut owner.external)).unwrap_or_default();
        for link in &external {
            self.external.remove(link);
        }
        external.into_iter().collect()
    }
}

fn apply(change: &UserChange, user: &mut User) {
    // `external` is kept beside the user.
    let UserChange { enabled, tenant, scopes, roles, entitlements, plan, external: _ } = change.clone();
    user.enabled = enabled.unwrap_or(user.enabled);
    if let Some(tenant) = tenant {
        user.tenant = tenant;
    }
    if let Some(scopes) = scopes {
        user.scopes = scopes;
    }
    if let Some(roles) = roles {
        user.roles = roles;
    }
    if let Some(entitlements) = entitlements {
        user.entitlements = entitlements;
    }
    if let Some(plan) = plan {
        user.plan = plan;
    }
}
