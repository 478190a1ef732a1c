use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{
    Authentication, Authenticator, Credential, CredentialRef, Denied, DeniedKind, ExternalIdentity, FoundUser,
    Identity, Refusal, Verified,
};

use crate::{ApiKeys, JustInTimeProvisioning};

/// Links what an authenticator of external tokens says to our own users: a JWT and an API key of
/// one person then have the same internal `sub`.
///
/// # What it says
///
/// 1. Whatever the authenticator says of a credential that is no external JWT, and every refusal of
///    it, stays.
/// 2. The store does not answer: [`Unavailable`](Refusal::Unavailable).
/// 3. An external identity that is linked to a user is that user, and so is one that is linked by its
///    [plain subject](Authentication::plain_subject) only: `sub` is the user's id, the tenant
///    is theirs. The user, or their tenant, is disabled, or the token speaks for another tenant:
///    [`UserDisabled`](DeniedKind::UserDisabled), [`TenantDisabled`](DeniedKind::TenantDisabled),
///    [`Tenant`](DeniedKind::Tenant). The scopes stay the token's own: whoever gave a token to a
///    client with few scopes did not give it all that the user may do here. The user's roles and entitlements
///    join those that the token has.
/// 4. One that is linked to nobody is made a user if [`JustInTimeProvisioning`] says so, unless its token was
///    [ended](remint_core::Revoker::refuses): [`Revoked`](DeniedKind::Revoked). One whose token is bound to its
///    sender gets no first keys, which would not be bound.
/// 5. Otherwise it stays the external subject. A tenant that we know and have disabled is refused
///    here too.
#[derive(Debug, Clone)]
pub struct LinkedAuthenticator {
    inner: Arc<dyn Authenticator>,
    keys: ApiKeys,
    just_in_time: Option<JustInTimeProvisioning>,
}

impl LinkedAuthenticator {
    /// Links what `inner` says.
    #[must_use]
    pub const fn new(inner: Arc<dyn Authenticator>, keys: ApiKeys) -> Self {
        Self { inner, keys, just_in_time: None }
    }

    /// Makes users of external identities just in time.
    #[must_use]
    pub fn with_just_in_time(mut self, policy: JustInTimeProvisioning) -> Self {
        self.just_in_time = Some(policy);
        self
    }

    async fn link(&self, authentication: &mut Authentication) -> Result<(), Refusal> {
        let CredentialRef::Jwt { issuer, subject, .. } = &authentication.identity.credential else { return Ok(()) };
        let external = ExternalIdentity { issuer: issuer.clone(), subject: subject.clone() };
        let mut found = self.keys.linked(&external).await?;
        if let (None, Some(subject)) = (&found, &authentication.plain_subject) {
            let plain = ExternalIdentity { issuer: external.issuer.clone(), subject: subject.clone() };
            found = self.keys.linked(&plain).await?;
        }
        if let (None, Some(policy)) = (&found, &self.just_in_time)
            && policy.applies_to(&external.issuer)
        {
            // Asked after the look-up: whoever deletes a user ends their tokens before that.
            if self.keys.is_ended(authentication) {
                return Err(DeniedKind::Revoked.into());
            }
            self.allow_tenant(&mut authentication.identity).await?;
            let tenant = authentication.identity.tenant.clone();
            found = Some(policy.make_user(&self.keys, external, tenant, authentication.confirmation.is_none()).await?);
        }
        let identity = &mut authentication.identity;
        match found {
            Some(found) => become_user(identity, found).map_err(Refusal::from),
            None => self.allow_tenant(identity).await,
        }
    }

    /// A tenant that we know is asked for its plan, and whether it may act.
    async fn allow_tenant(&self, identity: &mut Identity) -> Result<(), Refusal> {
        let Some(id) = &identity.tenant else { return Ok(()) };
        let Some(tenant) = self.keys.tenant(id).await? else { return Ok(()) };
        if !tenant.enabled {
            return Err(DeniedKind::TenantDisabled.into());
        }
        identity.plan = tenant.plan;
        Ok(())
    }
}

#[async_trait]
impl Authenticator for LinkedAuthenticator {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        let Some(verified) = self.inner.authenticate(credential).await? else { return Ok(None) };
        let mut authentication = verified.into_inner();
        self.link(&mut authentication).await?;
        authentication.narrow();
        #[expect(clippy::disallowed_methods, reason = "the inner authenticator vouched, and the store for the link")]
        Ok(Some(Verified::vouch(authentication)))
    }
}

fn become_user(identity: &mut Identity, FoundUser { user, tenant }: FoundUser) -> Result<(), Denied> {
    if !user.enabled {
        return Err(DeniedKind::UserDisabled.into());
    }
    if tenant.as_ref().is_some_and(|tenant| !tenant.enabled) {
        return Err(DeniedKind::TenantDisabled.into());
    }
    if identity.tenant.is_some() && identity.tenant != user.tenant {
        return Err(DeniedKind::Tenant.into());
    }
    identity.subject = user.id.into();
    identity.tenant = user.tenant;
    identity.plan = user.plan.or_else(|| tenant.and_then(|tenant| tenant.plan));
    join(&mut identity.roles, user.roles.into());
    join(&mut identity.entitlements, user.entitlements);
    Ok(())
}

/// Each once.
fn join(held: &mut Vec<String>, more: Vec<String>) {
    for name in more {
        if !held.contains(&name) {
            held.push(name);
        }
    }
}
