use std::sync::Arc;

use remint_core::{
    Actor, ClientId, CredentialRef, Environment, Ext, Identity, InvalidName, KeyId, Scopes, Subject, TenantId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Caller;

/// For tests. What does not fit panics, with the line of the test.
#[expect(clippy::panic, reason = "in a test a panic is how one learns of a mistake in it")]
impl Caller {
    /// A `live` caller of this subject, who came by an API key and has no scopes.
    ///
    /// # Panics
    ///
    /// If `subject` is no [`Subject`].
    #[must_use]
    #[track_caller]
    pub fn for_test(subject: &str) -> Self {
        let client: ClientId = checked("test-key", ClientId::new);
        let id = checked("test-key", KeyId::new);
        let credential = CredentialRef::ApiKey { id };
        let identity = Identity::new(checked(subject, Subject::new), Environment::Live, client, credential);
        Self { identity: Arc::new(identity), ext: Map::new() }
    }

    /// The same in this tenant.
    ///
    /// # Panics
    ///
    /// If `tenant` is no [`TenantId`].
    #[must_use]
    #[track_caller]
    pub fn with_tenant(self, tenant: &str) -> Self {
        let tenant = checked(tenant, TenantId::new);
        self.with(|identity| identity.tenant = Some(tenant))
    }

    /// The same in this environment.
    #[must_use]
    pub fn with_environment(self, environment: Environment) -> Self {
        self.with(|identity| identity.environment = environment)
    }

    /// The same with these scopes.
    ///
    /// # Panics
    ///
    /// If one is not a scope token of RFC 6749 §3.3.
    #[must_use]
    #[track_caller]
    pub fn with_scopes<'a>(self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        match Scopes::try_from_iter(scopes) {
            Ok(scopes) => self.with(|identity| identity.scopes = scopes),
            Err(error) => panic!("{error}"),
        }
    }

    /// The same with these roles.
    #[must_use]
    pub fn with_roles<'a>(self, roles: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|identity| identity.roles = roles.into_iter().map(str::to_owned).collect())
    }

    /// The same with these entitlements.
    #[must_use]
    pub fn with_entitlements<'a>(self, entitlements: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|identity| identity.entitlements = entitlements.into_iter().map(str::to_owned).collect())
    }

    /// The same, with one of ours acting for the subject.
    ///
    /// # Panics
    ///
    /// If `actor` is no [`Subject`].
    #[must_use]
    #[track_caller]
    pub fn with_actor(self, actor: &str) -> Self {
        let subject = checked(actor, Subject::new);
        self.with(|identity| {
            identity.actor = Some(Actor { actor: identity.actor.take().map(Box::new), ..Actor::new(subject, None) })
        })
    }

    /// The same with this `ext`.
    ///
    /// # Panics
    ///
    /// If it is not an object, or has a reserved claim.
    #[must_use]
    #[track_caller]
    pub fn with_ext(mut self, ext: impl Serialize) -> Self {
        let map = match serde_json::to_value(ext) {
            Ok(Value::Object(map)) => map,
            other => panic!("ext is a JSON object, not {other:?}"),
        };
        self.ext.clone_from(&map);
        match Ext::try_from(map) {
            Ok(ext) => self.with(|identity| identity.ext = ext),
            Err(error) => panic!("{error}"),
        }
    }

    /// The same with any change to the identity but to its `ext`.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Identity)) -> Self {
        change(Arc::make_mut(&mut self.identity));
        self
    }

    /// The same with `ext` read as a handler's own type, to call the handler directly.
    ///
    /// # Panics
    ///
    /// If `ext` is not of that shape.
    #[must_use]
    #[track_caller]
    pub fn typed<E: DeserializeOwned>(self) -> Caller<E> {
        match Caller::from_identity(&self.identity) {
            Ok(caller) => caller,
            Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        }
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "in a test a panic is how one learns of a mistake in it")]
fn checked<T>(text: &str, new: impl FnOnce(Box<str>) -> Result<T, InvalidName>) -> T {
    match new(text.into()) {
        Ok(name) => name,
        Err(error) => panic!("{error}"),
    }
}
