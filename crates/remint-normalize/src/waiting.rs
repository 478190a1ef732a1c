use std::time::Duration;

use remint_core::CredentialForm;
use remint_wait::Places;

/// How much may wait for one part at once, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WaitLimits {
    pub(crate) most: usize,
    pub(crate) deadline: Duration,
}

impl WaitLimits {
    pub(crate) const fn places(self, name: &'static str) -> Places {
        Places::new(self.most).for_at_most(self.deadline).counted_as(name)
    }
}

impl Default for WaitLimits {
    /// The deadline is longer than a fetch of a key set may take, so that it cuts none off.
    fn default() -> Self {
        Self { most: 1024, deadline: Duration::from_secs(20) }
    }
}

/// Places for JWTs, for API keys and for sessions apart: a provider that hangs refuses no key, and a store that hangs
/// no JWT that needs none.
#[derive(Debug)]
pub(crate) struct PlacesByForm {
    jwt: Places,
    api_key: Places,
    session: Places,
}

impl PlacesByForm {
    pub(crate) const fn new(limits: WaitLimits) -> Self {
        Self { jwt: limits.places("jwt"), api_key: limits.places("api_key"), session: limits.places("session") }
    }

    pub(crate) const fn of(&self, form: CredentialForm) -> &Places {
        match form {
            CredentialForm::Jwt => &self.jwt,
            CredentialForm::ApiKey => &self.api_key,
            CredentialForm::Session => &self.session,
        }
    }
}
