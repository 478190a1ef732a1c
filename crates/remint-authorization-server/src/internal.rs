use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_core::{Audience, Authentication, Clock, DeniedKind, IssuerId, Refusal, Target, TokenId, Verified};
use remint_issuer::Issuer;
use remint_jwt::Jws;
use remint_revocation::{Issued, Revocations};
use remint_token::{Expectations, Moments, identity};

/// An internal token that came back.
#[derive(Debug)]
pub(crate) struct Returned {
    pub(crate) authentication: Verified<Authentication>,
    /// Its `jti`.
    pub(crate) id: TokenId,
}

/// Verifies internal tokens that come back to where they were minted.
#[derive(Debug)]
pub(crate) struct InternalTokens {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) revocations: Revocations,
    pub(crate) clock: Arc<dyn Clock>,
}

impl InternalTokens {
    /// Whether a token says that it is of ours. One that says so in a roundabout way (an escape in its JSON)
    /// is nobody's: no external issuer is trusted by our name.
    pub(crate) fn claims(&self, text: &str) -> bool {
        let issuer = self.issuer_id().as_str();
        let payload = text.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let named = payload.is_some_and(|payload| memchr::memmem::find(&payload, issuer.as_bytes()).is_some());
        // It is named somewhere: whether as the issuer, the whole text tells.
        named && Jws::parse(text).is_ok_and(|jws| jws.unverified_claims().issuer().is_ok_and(|said| said == issuer))
    }

    /// Whose token it is, if it is an access token of ours for one of these audiences (`None`: for
    /// anyone), valid now, and neither it nor anything that it names was ended.
    pub(crate) async fn verify(&self, text: &str, audiences: Option<&[Audience]>) -> Result<Returned, Refusal> {
        let kind = |denied: remint_core::Denied| denied.kind();
        let jws = Jws::parse(text).map_err(|error| DeniedKind::from(error.kind()))?;
        let expected = match audiences {
            Some(audiences) => Expectations::for_any(self.issuer_id().clone(), audiences.to_vec()),
            None => Expectations::for_everyone(self.issuer_id().clone()),
        };
        let moments = expected.check(&jws, self.clock.now()).map_err(kind)?;
        let header = jws.header();
        let key = self.issuer.key_set().find(header.key_id(), header.algorithm()).map_err(DeniedKind::from)?;
        let claims = jws.verify(&key).map_err(|error| DeniedKind::from(error.kind()))?.into_inner();
        let identity = identity(claims).map_err(kind)?;
        let Moments { id, issued_at, expires_at, rev } = moments;
        let also_named = vec![Target::Token { issuer: self.issuer_id().clone(), id: id.clone() }];
        let authentication = Authentication { also_named, ..Authentication::new(identity, issued_at, expires_at) };
        let issued = Issued { at: issued_at, rev: rev.as_ref() };
        if self.revocations.ended(&authentication.targets(), issued).await? {
            return Err(DeniedKind::Revoked.into());
        }
        #[expect(clippy::disallowed_methods, reason = "the signature and every claim were checked above")]
        let authentication = Verified::vouch(authentication);
        Ok(Returned { authentication, id })
    }

    pub(crate) fn issuer_id(&self) -> &IssuerId {
        self.issuer.id()
    }
}
