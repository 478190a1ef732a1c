use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use remint_core::{ClientId, Clock};
use remint_jwt::SigningKey;
use remint_token::urn;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::assertion::{self, AssertionError};
use crate::{ClientSecret, Form};

/// Who we are at an authorization server, and how we prove it.
#[derive(Clone)]
pub struct ClientCredentials {
    id: ClientId,
    proof: Proof,
}

#[derive(Clone)]
enum Proof {
    SecretBasic(Arc<ClientSecret>),
    SecretPost(Arc<ClientSecret>),
    PrivateKeyJwt(Arc<SigningKey>, AssertionAudience),
}

/// For whom a client's assertion is (`aud`, RFC 7523 §3).
///
/// An assertion must be of no use to another server. The issuer's identifier names one server; the
/// endpoint's address does so only as far as nobody else can tell us which endpoint to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssertionAudience {
    /// The address of the endpoint that is called.
    Endpoint,
    /// This text: the issuer's identifier.
    Issuer(remint_core::IssuerId),
}

impl ClientCredentials {
    /// A secret in the `Authorization` header: `client_secret_basic` (RFC 6749 §2.3.1).
    #[must_use]
    pub fn secret_basic(id: ClientId, secret: ClientSecret) -> Self {
        Self { id, proof: Proof::SecretBasic(Arc::new(secret)) }
    }

    /// A secret in the form: `client_secret_post` (RFC 6749 §2.3.1).
    #[must_use]
    pub fn secret_post(id: ClientId, secret: ClientSecret) -> Self {
        Self { id, proof: Proof::SecretPost(Arc::new(secret)) }
    }

    /// An assertion under our own key: `private_key_jwt` (RFC 7523 §2.2, OpenID Connect Core §9). Each
    /// attempt has a new one, which ends after 60 seconds.
    #[must_use]
    pub fn private_key_jwt(id: ClientId, key: impl Into<Arc<SigningKey>>, audience: AssertionAudience) -> Self {
        Self { id, proof: Proof::PrivateKeyJwt(key.into(), audience) }
    }

    /// The client's id.
    #[must_use]
    pub const fn id(&self) -> &ClientId {
        &self.id
    }

    /// The method's name (RFC 8414 §2, `token_endpoint_auth_methods_supported`).
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self.proof {
            Proof::SecretBasic(_) => "client_secret_basic",
            Proof::SecretPost(_) => "client_secret_post",
            Proof::PrivateKeyJwt(..) => "private_key_jwt",
        }
    }

    /// The body of one request, and its `Authorization`.
    pub(crate) fn authenticate(
        &self,
        form: &Form,
        endpoint: &Url,
        clock: &dyn Clock,
    ) -> Result<(Vec<u8>, Option<HeaderValue>), AssertionError> {
        let id = self.id.as_str();
        match &self.proof {
            Proof::SecretBasic(secret) => Ok((form.encode(&[]), Some(basic(id, secret)?))),
            Proof::SecretPost(secret) => {
                Ok((form.encode(&[("client_id", id), ("client_secret", secret.expose_secret())]), None))
            }
            Proof::PrivateKeyJwt(key, audience) => {
                let assertion = audience.assertion(key, id, endpoint, clock)?;
                let more = [
                    ("client_id", id),
                    ("client_assertion_type", urn::CLIENT_ASSERTION),
                    ("client_assertion", assertion.as_str()),
                ];
                Ok((form.encode(&more), None))
            }
        }
    }

    /// The `Authorization` of one request without a body.
    pub(crate) fn header(&self, endpoint: &Url, clock: &dyn Clock) -> Result<HeaderValue, AssertionError> {
        let id = self.id.as_str();
        match &self.proof {
            Proof::SecretBasic(secret) | Proof::SecretPost(secret) => basic(id, secret),
            Proof::PrivateKeyJwt(key, audience) => {
                let assertion = audience.assertion(key, id, endpoint, clock)?;
                sensitive(&["Bearer ", &assertion].concat())
            }
        }
    }
}

impl AssertionAudience {
    fn assertion(
        &self,
        key: &SigningKey,
        id: &str,
        endpoint: &Url,
        clock: &dyn Clock,
    ) -> Result<Zeroizing<String>, AssertionError> {
        let audience = match self {
            Self::Endpoint => endpoint.as_str(),
            Self::Issuer(issuer) => issuer.as_str(),
        };
        assertion::sign(key, id, audience, clock.now()).map(Zeroizing::new)
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("id", &self.id)
            .field("method", &self.method())
            .finish_non_exhaustive()
    }
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined, so that neither can hold
/// the colon.
fn basic(id: &str, secret: &ClientSecret) -> Result<HeaderValue, AssertionError> {
    let mut joined = Zeroizing::new(String::new());
    joined.extend(form_urlencoded::byte_serialize(id.as_bytes()));
    joined.push(':');
    joined.extend(form_urlencoded::byte_serialize(secret.expose_secret().as_bytes()));
    let text = Zeroizing::new(["Basic ", &STANDARD.encode(joined.as_bytes())].concat());
    sensitive(&text)
}

fn sensitive(text: &str) -> Result<HeaderValue, AssertionError> {
    let mut value = HeaderValue::try_from(text).map_err(|_| AssertionError::Header)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_and_secret_are_encoded_before_they_are_joined() {
        let value = basic("a:b c", &ClientSecret::new("%+é~*")).unwrap();
        let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
        let decoded = STANDARD.decode(encoded).unwrap();
        assert_eq!(decoded, b"a%3Ab+c:%25%2B%C3%A9%7E*");
        assert!(value.is_sensitive());
    }
}
