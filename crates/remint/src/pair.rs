use std::path::Path;
use std::sync::Arc;

use remint_apikey::{KeyStore, Paired, Pairing, Pepper, Peppers, SecretSources};
use remint_core::{Clock, Unavailable, UnavailableKind};

use crate::RemintError;

/// The store and the secrets, if they belong together.
pub(crate) async fn pair(
    store: &Arc<dyn KeyStore>,
    peppers: Option<Peppers>,
    folder: Option<&Path>,
    signing_is_given: bool,
    clock: &Arc<dyn Clock>,
) -> Result<Paired, RemintError> {
    let mut secrets = match (folder, &peppers) {
        (Some(folder), _) => SecretSources::folder(folder),
        (None, Some(peppers)) => SecretSources::ephemeral(peppers.clone()),
        (None, None) => SecretSources::ephemeral(random_pepper()?),
    };
    if let Some(peppers) = peppers {
        secrets = secrets.with_peppers(peppers);
    }
    if signing_is_given {
        secrets = secrets.with_given_signing_keys();
    }
    Ok(Pairing::new(Arc::clone(store), secrets, Arc::clone(clock)).start().await?)
}

fn random_pepper() -> Result<Peppers, RemintError> {
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret).map_err(|e| Unavailable::new(UnavailableKind::Internal).with_source(e))?;
    Ok(Peppers::new(Pepper::from_bytes(&secret)?))
}
