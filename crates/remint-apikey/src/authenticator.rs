use async_trait::async_trait;
use remint_core::{
    Authentication, Authenticator, Credential, CredentialForm, CredentialRef, FoundKey, Identity, Refusal, Timestamp,
    Verified,
};

use crate::check::KeyCheck;

/// Authenticates API keys, on a cache miss.
///
/// # What it says
///
/// 1. A JWT, or a text that no [accepted format](crate::ApiKeys::accepting) claims: `Ok(None)`.
///    Ours claims what begins with the prefix and an underscore. It is none of ours; another
///    authenticator may know it.
/// 2. Otherwise not of the format that claims it, such as [`KeyFormat`](crate::KeyFormat):
///    [`Structure`](remint_core::DeniedKind::Structure), without a look-up.
/// 3. The store does not answer, or the pool of slow hashes is full:
///    [`Unavailable`](Refusal::Unavailable).
/// 4. No such key: [`UnknownApiKey`](remint_core::DeniedKind::UnknownApiKey).
///    So is a key under a slow hash that would not be let in: it is not hashed to find out.
/// 5. [`Revoked`](remint_core::DeniedKind::Revoked);
///    [`Expired`](remint_core::DeniedKind::Expired), from the very millisecond of its end;
///    [`UserDisabled`](remint_core::DeniedKind::UserDisabled);
///    [`TenantDisabled`](remint_core::DeniedKind::TenantDisabled).
/// 6. Otherwise it is the user, with the scopes that both the key and the user have. A key with scopes of its own
///    is [restricted](Authentication::restricted), and carries no roles and entitlements of the
///    user. The networks that the key is bound to are checked on every request, by the line. For whom it may act is said
///    beside the identity, and never changes it.
#[derive(Debug, Clone)]
pub struct ApiKeyAuthenticator {
    check: KeyCheck,
}

impl ApiKeyAuthenticator {
    pub(crate) const fn new(check: KeyCheck) -> Self {
        Self { check }
    }
}

#[async_trait]
impl Authenticator for ApiKeyAuthenticator {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        let text = credential.expose_secret();
        if credential.form() != CredentialForm::ApiKey || !self.check.claims(text) {
            return Ok(None);
        }
        let found = self.check.verify(text).await?.into_inner();
        #[expect(clippy::disallowed_methods, reason = "the key was verified one line above")]
        Ok(Some(Verified::vouch(authentication(found))))
    }
}

pub(crate) fn authentication(found: FoundKey) -> Authentication {
    let scopes = found.effective_scopes();
    let FoundKey { key, user, tenant } = found;
    let credential = CredentialRef::ApiKey { id: key.id.clone() };
    let mut identity = Identity::new(user.id.into(), key.environment, key.id.into(), credential);
    let restricted = key.scopes.is_some();
    identity.tenant = user.tenant;
    identity.roles = user.roles.into();
    identity.entitlements = user.entitlements;
    identity.plan = user.plan.or_else(|| tenant.and_then(|tenant| tenant.plan));
    identity.scopes = scopes;
    let expires_at = key.expires_at.unwrap_or(Timestamp::MAX);
    let mut authentication = Authentication {
        networks: key.networks,
        act_for: key.act_for,
        ..Authentication::new(identity, key.created_at, expires_at)
    };
    if restricted {
        authentication.restrict();
    }
    authentication
}
