use std::sync::Arc;

use remint_jwt::{Jwk, JwkSet, SigningKey};

use crate::IssuerError;
use crate::published::publish;

/// The one signing key, which whoever built the issuer has given.
#[derive(Debug)]
pub(crate) struct FixedKey {
    key: Arc<SigningKey>,
    published: Arc<JwkSet>,
}

impl FixedKey {
    pub(crate) fn new(key: SigningKey, also: Vec<Jwk>) -> Result<Self, IssuerError> {
        let published = publish(key.public_jwk().clone(), also)?;
        Ok(Self { key: Arc::new(key), published })
    }

    pub(crate) fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.key)
    }

    pub(crate) fn key_id(&self) -> &str {
        self.key.key_id()
    }

    pub(crate) fn published(&self) -> Arc<JwkSet> {
        Arc::clone(&self.published)
    }
}
