use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{
    Environment, ExternalIdentity, FoundUser, IssuerId, Scopes, StoreError, TenantId, Unavailable, UnavailableKind,
    UserId, is_reserved,
};

use crate::{ApiKeys, NewUser, SignedUp, base62};

/// The policy that makes users of external identities when they are first seen (the setting `just_in_time`). There is
/// none unless it is given: whoever can log in at the provider then becomes a user here.
///
/// The new user has a random id (`usr_` and 20 letters and digits) and the tenant that the token
/// speaks for. A user who was deleted here and logs in at the provider again is a new user.
#[derive(Debug, Clone)]
pub struct JustInTimeProvisioning {
    issuers: Option<Vec<IssuerId>>,
    scopes: Scopes,
    issue: Vec<Environment>,
    delivery: Option<Arc<dyn KeyDelivery>>,
}

/// Brings the first keys of a user who was provisioned just in time to them: by mail, say, or into a
/// vault.
#[async_trait]
pub trait KeyDelivery: fmt::Debug + Send + Sync + 'static {
    /// Delivers them. It answers in bounded time: the user's first request waits for it.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if they cannot be delivered: the user is removed again, the request is
    /// answered with 503, and the next one tries anew.
    async fn deliver(&self, signed_up: SignedUp) -> Result<(), Unavailable>;
}

impl JustInTimeProvisioning {
    /// Makes users of the subjects of every trusted issuer, without scopes and keys.
    #[must_use]
    pub const fn of_any_issuer() -> Self {
        Self { issuers: None, scopes: Scopes::new(), issue: Vec::new(), delivery: None }
    }

    /// Makes users of the subjects of these issuers only.
    #[must_use]
    pub fn of(issuers: impl IntoIterator<Item = IssuerId>) -> Self {
        Self { issuers: Some(issuers.into_iter().collect()), ..Self::of_any_issuer() }
    }

    /// Who may do this with their API keys. Scopes that begin with `remint:` are passed over: an administrator
    /// gives those to one user at a time.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes.filtered(|scope| !is_reserved(scope));
        self
    }

    /// Makes their first keys too, one of each of these environments, and hands them over. A token that is bound
    /// to its sender makes a user without keys: they would not be bound.
    #[must_use]
    pub fn issuing(mut self, environments: impl IntoIterator<Item = Environment>, delivery: impl KeyDelivery) -> Self {
        self.issue = environments.into_iter().collect();
        self.delivery = Some(Arc::new(delivery));
        self
    }

    pub(crate) fn applies_to(&self, issuer: &IssuerId) -> bool {
        self.issuers.as_ref().is_none_or(|issuers| issuers.contains(issuer))
    }

    pub(crate) async fn make_user(
        &self,
        keys: &ApiKeys,
        external: ExternalIdentity,
        tenant: Option<TenantId>,
        may_issue: bool,
    ) -> Result<FoundUser, Unavailable> {
        let id = random_id()?;
        let mut new = NewUser::new(id.clone()).with_scopes(self.scopes.clone()).with_external(external.clone());
        if let Some(tenant) = tenant {
            new = new.with_tenant(tenant);
        }
        let issue = if may_issue { self.issue.as_slice() } else { &[] };
        match keys.sign_up(new.issuing(issue.iter().copied())).await {
            Ok(_) if !may_issue => {}
            Ok(signed_up) => self.deliver(keys, &id, signed_up).await?,
            // Another request of theirs was first.
            Err(StoreError::Conflict) => {}
            Err(StoreError::Unavailable(unavailable)) => return Err(unavailable),
            Err(error) => return Err(Unavailable::new(UnavailableKind::Internal).with_source(error)),
        }
        let lost = || Unavailable::new(UnavailableKind::Store).with_source("the new user is not there");
        keys.linked(&external).await?.ok_or_else(lost)
    }

    async fn deliver(&self, keys: &ApiKeys, id: &UserId, signed_up: SignedUp) -> Result<(), Unavailable> {
        let Some(delivery) = &self.delivery else { return Ok(()) };
        if let Err(error) = delivery.deliver(signed_up).await {
            keys.withdraw_user(id).await?;
            return Err(error);
        }
        Ok(())
    }
}

fn random_id() -> Result<UserId, Unavailable> {
    let mut text = String::from("usr_");
    let internal = || Unavailable::new(UnavailableKind::Internal);
    base62::push_random(&mut text, 20, getrandom::fill).map_err(|error| internal().with_source(error))?;
    UserId::new(text).map_err(|error| internal().with_source(error))
}
