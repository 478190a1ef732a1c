use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};
use remint_core::{
    Audience, Clock, DeniedKind, InternalToken, IssuerId, MintRequest, Refusal, Timestamp, TokenId, TokenIssuer,
    Unavailable, UnavailableKind,
};
use remint_jwt::JwkSet;
use remint_token::{Frame, InternalClaims, NothingLeft, TOKEN_TYPE, expiry};
use serde::Serialize;

use crate::keys::Keys;
use crate::remote::RemoteKey;
use crate::{IssuerBuilder, IssuerError, KeyStatus, random, too_long};

/// For how long others may keep the key set without asking again: its `Cache-Control`.
pub const JWKS_MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// Mints internal tokens and publishes the keys that verify them.
#[derive(Debug)]
pub struct Issuer {
    pub(crate) issuer: IssuerId,
    pub(crate) audiences: Vec<Audience>,
    pub(crate) ttl: Duration,
    pub(crate) max_length: usize,
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
    /// whoever asks has to check before; [`UnavailableKind::Issuer`] if it cannot be signed: with a
    /// [`Signer`](crate::Signer) by [`issue`](TokenIssuer::issue) only, since somebody has to be asked.
    /// [`DeniedKind::TooLong`] if it would be [longer](crate::IssuerBuilder::max_length) than services accept; the
    /// log names the claim that takes most of it.
    pub fn mint(&self, request: &MintRequest<'_>) -> Result<InternalToken, Refusal> {
        let now = self.clock.now();
        let (id, expires_at) = self.begin(request, now)?;
        let key = self.keys.signing(now).ok_or_else(|| cannot_issue("there is no signing key in this process"))?;
        let claims = self.claims(request, &id, now, expires_at);
        let jws = key.sign(TOKEN_TYPE, &claims).map_err(cannot_issue)?;
        self.check_length(&jws, &claims)?;
        Ok(finish(&jws, id, expires_at)?)
    }

    async fn mint_with(&self, key: &RemoteKey, request: &MintRequest<'_>) -> Result<InternalToken, Refusal> {
        let now = self.clock.now();
        let (id, expires_at) = self.begin(request, now)?;
        let claims = self.claims(request, &id, now, expires_at);
        let jws = key.sign(TOKEN_TYPE, &claims).await?;
        self.check_length(&jws, &claims)?;
        Ok(finish(&jws, id, expires_at)?)
    }

    /// Whether services accept a token of this length.
    pub(crate) fn check_length(&self, jws: &str, claims: &impl Serialize) -> Result<(), DeniedKind> {
        if jws.len() <= self.max_length {
            return Ok(());
        }
        too_long::tell(jws.len(), self.max_length, claims);
        Err(DeniedKind::TooLong)
    }

    fn begin(&self, request: &MintRequest<'_>, now: Timestamp) -> Result<(TokenId, Timestamp), Unavailable> {
        let ended = || Unavailable::new(UnavailableKind::Internal).with_source(NothingLeft::OfSource);
        let expires_at = expiry(now, self.ttl, request.not_after).ok_or_else(ended)?;
        let id = TokenId::new(random::id().map_err(cannot_issue)?).map_err(cannot_issue)?;
        Ok((id, expires_at))
    }

    fn claims<'a>(
        &'a self,
        request: &MintRequest<'a>,
        id: &'a TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> InternalClaims<'a> {
        let audiences = if request.audiences.is_empty() { &self.audiences } else { request.audiences };
        InternalClaims::new(&Frame { issuer: &self.issuer, audiences, id, issued_at, expires_at }, request)
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

    /// The keys that are published now, in the order in which they sign, and what each does.
    #[must_use]
    pub fn keys(&self) -> Vec<KeyStatus> {
        self.keys.list(self.clock.now())
    }

    /// Makes the next key. It is published at once and signs once it has been published for as
    /// long as the settings say; until then the present key signs. If a next key is waiting
    /// already, nothing happens.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if a key cannot be made, the folder not be used or its lock not be had;
    /// nothing has changed then. [`IssuerError::FixedKey`] if the key is not this issuer's own.
    pub fn rotate(&self) -> Result<(), IssuerError> {
        self.keys.rotate(&*self.clock)
    }

    /// Reads what other processes did in the key folder, rotates if that is due, and removes keys
    /// whose last token has expired. To be called at least once a minute; it reads files, and waits
    /// for another process that makes a key just now.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the folder cannot be used or its lock not be had; the keys in use stay in
    /// use.
    pub fn maintain(&self) -> Result<(), IssuerError> {
        self.keys.maintain(&*self.clock)
    }

    /// Removes a compromised key, now: it signs no more, and is published no more. `false` if there
    /// is no such key.
    ///
    /// What it has signed is refused as soon as a service fetches the key set anew, after
    /// [`JWKS_MAX_AGE`] at the latest. If it was the signing key, the newest other key that has been
    /// active signs, else the next one, else a new one; services that do not know that one yet fetch
    /// the key set when they first meet it. Other processes with the same folder follow when they
    /// next [`maintain`](Self::maintain), and sign with it until then.
    ///
    /// # Errors
    ///
    /// As [`rotate`](Self::rotate).
    pub fn retire(&self, key_id: &str) -> Result<bool, IssuerError> {
        self.keys.retire(&*self.clock, key_id)
    }
}

#[async_trait]
impl TokenIssuer for Issuer {
    async fn issue(&self, request: MintRequest<'_>) -> Result<InternalToken, Refusal> {
        match &self.keys {
            // In a box of its own: the usual way is not to carry its state.
            Keys::Remote(key) => Box::pin(self.mint_with(key, &request)).await,
            Keys::Kept(_) | Keys::Fixed(_) => self.mint(&request),
        }
    }
}

fn finish(jws: &str, id: TokenId, expires_at: Timestamp) -> Result<InternalToken, Unavailable> {
    InternalToken::new(jws, id, expires_at).ok_or_else(|| cannot_issue("the token does not fit into a header"))
}

pub(crate) fn cannot_issue(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Unavailable {
    Unavailable::new(UnavailableKind::Issuer).with_source(cause)
}
