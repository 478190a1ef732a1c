use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};
use remint_core::{
    Audience, Clock, Grant, InternalToken, IssuerId, Timestamp, TokenId, TokenIssuer, Unavailable, UnavailableKind,
};
use remint_jwt::{JwkSet, MAX_TOKEN_LEN};
use remint_token::{Frame, InternalClaims, TOKEN_TYPE};

use crate::keys::Keys;
use crate::{IssuerBuilder, IssuerError, random};

/// For how long others may keep the key set without asking again: its `Cache-Control`.
pub const JWKS_MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// Mints internal tokens and publishes the keys that verify them.
#[derive(Debug)]
pub struct Issuer {
    pub(crate) issuer: IssuerId,
    pub(crate) audiences: Vec<Audience>,
    pub(crate) ttl: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keys: Keys,
}

impl Issuer {
    /// Begins an issuer: its `iss`, and the `aud` of what it mints.
    pub fn builder(issuer: IssuerId, audience: Audience) -> IssuerBuilder {
        IssuerBuilder::new(issuer, audience)
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub const fn id(&self) -> &IssuerId {
        &self.issuer
    }

    /// The `aud` of its tokens.
    #[must_use]
    pub fn audiences(&self) -> &[Audience] {
        &self.audiences
    }

    /// How long a token lives at most.
    #[must_use]
    pub const fn ttl(&self) -> Duration {
        self.ttl
    }

    /// Mints a token: `iat` and `nbf` are now, `exp` is the earlier of `not_after` and the time to
    /// live from now, all in whole seconds, rounded down. It reads no file and takes no lock.
    ///
    /// # Errors
    ///
    /// [`UnavailableKind::Internal`] if no whole second lies between now and `not_after`, which
    /// whoever asks has to check before; [`UnavailableKind::Issuer`] if it cannot be signed.
    pub fn mint(&self, grant: &Grant<'_>) -> Result<InternalToken, Unavailable> {
        let now = self.clock.now();
        let expires_at = now.saturating_add(self.ttl).min(grant.not_after).as_secs();
        if Timestamp::from_secs(expires_at) <= now {
            return Err(Unavailable::new(UnavailableKind::Internal).with_source("the source of the token has ended"));
        }
        let id = TokenId::new(random::id().map_err(cannot_issue)?).map_err(cannot_issue)?;
        let frame = Frame {
            issuer: &self.issuer,
            audiences: if grant.audiences.is_empty() { &self.audiences } else { grant.audiences },
            id: &id,
            issued_at: now,
            expires_at: Timestamp::from_secs(expires_at),
        };
        let key = self.keys.signing(now).ok_or_else(|| cannot_issue("there is no signing key"))?;
        let jws = key.sign(TOKEN_TYPE, &InternalClaims::new(&frame, grant)).map_err(cannot_issue)?;
        if jws.len() > MAX_TOKEN_LEN {
            return Err(cannot_issue(
                "the token would be longer than services behind the edge accept: too many claims",
            ));
        }
        InternalToken::new(&jws, id, Timestamp::from_secs(expires_at))
            .ok_or_else(|| cannot_issue("the token does not fit into a header"))
    }

    /// The public keys as they are now: the signing one, the next one, and those still needed to
    /// verify. It is prepared once for as long as it stays the same; asking costs a few loads, so
    /// that a verifier in this process may ask for each token.
    #[must_use]
    pub fn key_set(&self) -> Arc<JwkSet> {
        self.keys.published(self.clock.now())
    }

    /// The public keys as the JSON of a key set (RFC 7517 §5).
    #[must_use]
    pub fn jwks(&self) -> Bytes {
        self.key_set().to_json().to_string().into()
    }

    /// The answer to `GET /.well-known/jwks.json`.
    #[must_use]
    pub fn jwks_response(&self) -> Response<Bytes> {
        let mut response = Response::new(self.jwks());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        response
    }

    /// Makes the next key. It is published at once and signs once it has been published for as
    /// long as the settings say; until then the present key signs. If a next key is waiting
    /// already, nothing happens.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if a key cannot be made or the folder not be used; nothing has changed then.
    pub fn rotate(&self) -> Result<(), IssuerError> {
        self.keys.keep_up(self.clock.now(), true)
    }

    /// Reads what other processes did in the key folder, rotates if that is due, and removes keys
    /// whose last token has expired. To be called every minute or so, and at least twice in the
    /// time for which a new key is published ahead; it reads files.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the folder cannot be used; the keys in use stay in use.
    pub fn maintain(&self) -> Result<(), IssuerError> {
        self.keys.keep_up(self.clock.now(), false)
    }
}

#[async_trait]
impl TokenIssuer for Issuer {
    async fn issue(&self, grant: Grant<'_>) -> Result<InternalToken, Unavailable> {
        self.mint(&grant)
    }
}

fn cannot_issue(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Unavailable {
    Unavailable::new(UnavailableKind::Issuer).with_source(cause)
}
