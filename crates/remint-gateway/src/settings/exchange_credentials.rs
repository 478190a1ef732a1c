//! How an edge without keys proves to its server who it is.

use remint::{Algorithm, ClientId, IssuerId, SigningKey};
use remint_exchange::{AssertionAudience, ClientCredentials, ClientSecret, CredentialsFile, RotatingCredentials};

use super::origin::Origin;
use super::secret::Secret;
use super::section::{At, Section};
use crate::failure::with_causes;

/// A secret or a key. One that is in a file is read again when the server does not know it any more, so that
/// whoever rotates it writes the file and nothing else.
pub(super) fn read(
    section: &mut Section<'_, '_>,
    begin: &Origin,
    client: Option<&ClientId>,
    server: Option<&IssuerId>,
) -> Option<RotatingCredentials> {
    let before = section.book.problems.len();
    let secret = section.optional::<Secret>("client_secret", "it signs with `client_key`");
    let key = section.optional::<Secret>("client_key", "it has a secret");
    let algorithm = section.or("client_key_algorithm", Algorithm::Es256);
    if section.book.problems.len() > before {
        return None;
    }
    if key.is_none() && *algorithm != Algorithm::Es256 {
        section.problem(&algorithm.origin, "`exchange.client_key_algorithm` means nothing without `client_key`");
    }
    match (secret, key) {
        (Some(secret), None) => from_secret(section, &secret, client?),
        (None, Some(key)) => from_key(section, &key, *algorithm, client?, server?),
        (None, None) => {
            section.problem(begin, "`exchange` lacks `client_secret` or `client_key`, to prove who asks");
            None
        }
        (Some(_), Some(key)) => {
            section.problem(&key.origin, "`exchange`: `client_secret` or `client_key`, not both");
            None
        }
    }
}

fn from_secret(section: &mut Section<'_, '_>, secret: &At<Secret>, id: &ClientId) -> Option<RotatingCredentials> {
    match secret.file() {
        Some(path) => from_file(section, &secret.origin, CredentialsFile::secret_basic(id.clone(), path)),
        None => {
            let secret = ClientSecret::new(secret.expose_secret());
            Some(RotatingCredentials::new(ClientCredentials::secret_basic(id.clone(), secret)))
        }
    }
}

fn from_key(
    section: &mut Section<'_, '_>,
    key: &At<Secret>,
    algorithm: Algorithm,
    id: &ClientId,
    server: &IssuerId,
) -> Option<RotatingCredentials> {
    // It is of use to this server and no other.
    let audience = AssertionAudience::Issuer(server.clone());
    if let Some(path) = key.file() {
        let file = CredentialsFile::private_key_jwt(id.clone(), path, algorithm, audience);
        return from_file(section, &key.origin, file);
    }
    match SigningKey::from_pem(algorithm, key.expose_secret()) {
        Ok(key) => Some(RotatingCredentials::new(ClientCredentials::private_key_jwt(id.clone(), key, audience))),
        Err(error) => {
            section.problem(&key.origin, format!("`exchange.client_key`: no {algorithm} key in PEM: {error}"));
            None
        }
    }
}

fn from_file(section: &mut Section<'_, '_>, origin: &Origin, file: CredentialsFile) -> Option<RotatingCredentials> {
    let read = RotatingCredentials::from_file(file);
    read.map_err(|error| section.problem(origin, format!("`exchange`: {}", with_causes(&error)))).ok()
}
