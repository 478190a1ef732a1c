use std::sync::Arc;

use remint_jwt::{Jwk, JwkSet};

use crate::IssuerError;

/// The key set of a fixed signing key and those that are published beside it. The signing key may be
/// among these too, as it is while two instances go from one key to the next.
pub(crate) fn publish(signing: Jwk, also: Vec<Jwk>) -> Result<Arc<JwkSet>, IssuerError> {
    let mut keys = vec![signing];
    for key in also {
        let key = match (key.key_id(), key.algorithm()) {
            (Some(_), _) => key,
            (None, Some(algorithm)) => key.identified(algorithm).map_err(IssuerError::PublicKey)?,
            (None, None) => {
                return Err(IssuerError::Setting("a key that is published too has a `kid` or an `alg`"));
            }
        };
        if keys.iter().all(|other| other.key_id() != key.key_id()) {
            keys.push(key);
        }
    }
    JwkSet::try_from(keys).map(Arc::new).map_err(IssuerError::PublicKey)
}
