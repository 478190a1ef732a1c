//! What a handler gets.

mod error;
#[cfg(feature = "axum")]
mod extract;
#[cfg(feature = "testing")]
mod for_test;
mod presence;
mod serialize;
#[cfg(test)]
mod tests;

use std::ops::Deref;
use std::sync::Arc;

use http::Extensions;
use remint_core::{Environment, Identity};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use self::error::{CallerError, CallerErrorKind};
#[cfg(feature = "axum")]
pub use self::extract::CallerRejection;
pub use self::presence::{Anonymous, OutsideLayer, find_caller, set_caller};

/// Who is calling, read the same way at the edge and behind it.
///
/// It reads like an [`Identity`]: `caller.subject`, `caller.tenant`, `caller.environment`,
/// `caller.scopes`, `caller.credential`, `caller.actor`, `caller.session`, `caller.client`,
/// `caller.roles`, `caller.groups`, `caller.entitlements`, `caller.auth_time`, `caller.acr` and
/// `caller.amr`; and in `caller.ext` the mapped and enriched claims stand as a type of your choice.
/// It shares the identity with the request, so making one copies nothing but `ext`.
///
/// With `E = serde::de::IgnoredAny`, `ext` is not read at all.
///
/// It is an axum extractor with the feature `axum` of the crate that it comes from (`remint-verify` and `remint-tower` have
/// it off, `remint` on). Without it, axum says that a handler which takes a `Caller` is no `Handler<_, _>`.
///
/// ```
/// use remint_guard::Caller;
///
/// #[derive(serde::Deserialize)]
/// struct Plan {
///     plan: String,
/// }
///
/// async fn me(caller: Caller<Plan>) -> String {
///     format!("{} of {:?} on {}", caller.subject, caller.tenant, caller.ext.plan)
/// }
/// ```
///
/// As JSON (it is `Serialize` if `E` is) it has the names of the internal token where they differ:
/// `env` and `act`.
#[derive(Debug, Clone)]
pub struct Caller<E = Map<String, Value>> {
    identity: Arc<Identity>,
    /// The mapped and enriched claims: the internal token's `ext`.
    pub ext: E,
}

impl<E: DeserializeOwned> Caller<E> {
    /// The caller that this identity names.
    ///
    /// # Errors
    ///
    /// [`CallerErrorKind::Ext`] if the identity's `ext` is not of the shape of `E`.
    pub fn from_identity(identity: &Arc<Identity>) -> Result<Self, CallerError> {
        let ext = E::deserialize(identity.ext.as_map()).map_err(CallerError::ext)?;
        Ok(Self { identity: Arc::clone(identity), ext })
    }

    /// The caller whom a layer found.
    ///
    /// # Errors
    ///
    /// [`CallerErrorKind::NoIdentity`] if a layer looked and nobody is signed in. [`CallerErrorKind::OutsideLayer`] if no
    /// layer looked: a mistake in how the service is put together.
    /// [`CallerErrorKind::Ext`] if its `ext` is not of the shape of `E`.
    pub fn from_extensions(extensions: &Extensions) -> Result<Self, CallerError> {
        match find_caller(extensions) {
            Ok(Some(identity)) => Self::from_identity(identity),
            Ok(None) => Err(CallerError::NO_IDENTITY),
            Err(OutsideLayer) => Err(CallerError::OUTSIDE_LAYER),
        }
    }
}

impl<E> Caller<E> {
    /// The identity itself.
    #[must_use]
    pub const fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// Whether the caller has this scope.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.contains(scope)
    }

    /// Whether the caller has this role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }

    /// Whether the caller is in this group.
    #[must_use]
    pub fn is_in_group(&self, group: &str) -> bool {
        self.groups.iter().any(|held| held == group)
    }

    /// Whether the caller has this entitlement.
    #[must_use]
    pub fn has_entitlement(&self, entitlement: &str) -> bool {
        self.entitlements.iter().any(|held| held == entitlement)
    }

    /// Whether what the caller does has real effects.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.environment == Environment::Live
    }

    /// Whether what the caller does is a rehearsal.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.environment == Environment::Test
    }
}

impl<E> Deref for Caller<E> {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}
