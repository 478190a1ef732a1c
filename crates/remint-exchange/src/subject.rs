use remint_core::{
    Confirmation, Credential, CredentialForm, CredentialRef, DeniedKind, IssuerId, Slot, Subject, Target, Timestamp,
    TokenDigest,
};
use remint_jwt::{Claims, Jws, Rounding, TimeRule, external_token_id};
use remint_token::urn;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::settings::Settings;

/// A credential on its way to the server: what it is sent as, and what it says of itself. Nobody has
/// verified that; the server does, and without its word nothing of this is used.
#[derive(Debug)]
pub(crate) struct SubjectToken<'a> {
    pub(crate) text: &'a str,
    /// `subject_token_type` (RFC 8693 §3).
    pub(crate) token_type: &'static str,
    /// Its `exp`; [`Timestamp::MAX`] where it says none.
    pub(crate) ends_at: Timestamp,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) confirmation: Option<Confirmation>,
    pub(crate) reference: Option<CredentialRef>,
    pub(crate) also_named: Vec<Target>,
}

impl<'a> SubjectToken<'a> {
    /// What must not be sent, and what can be refused without asking, is refused here.
    pub(crate) fn read(credential: Credential<'a>, settings: &Settings, now: Timestamp) -> Result<Self, DeniedKind> {
        match credential.form() {
            CredentialForm::Jwt => Self::of_jwt(credential.expose_secret(), settings, now),
            CredentialForm::ApiKey => Ok(Self::of_opaque(credential, settings)),
            // No server has a type for it.
            CredentialForm::Session => Err(DeniedKind::Structure),
        }
    }

    fn of_opaque(credential: Credential<'a>, settings: &Settings) -> Self {
        let text = credential.expose_secret();
        let is_token = matches!(credential.slot(), Slot::Bearer | Slot::Dpop)
            && settings.opaque_prefixes.iter().any(|prefix| text.starts_with(&**prefix));
        Self {
            text,
            token_type: if is_token { urn::ACCESS_TOKEN } else { urn::API_KEY },
            ends_at: Timestamp::MAX,
            issued_at: None,
            confirmation: None,
            reference: None,
            also_named: Vec::new(),
        }
    }

    fn of_jwt(text: &'a str, settings: &Settings, now: Timestamp) -> Result<Self, DeniedKind> {
        let jws = Jws::parse_external(text)?;
        let claims = jws.unverified_claims();
        if is_internal(claims, settings) {
            return Err(DeniedKind::UntrustedIssuer);
        }
        let ends_at = TimeRule::new().with_fractions().end(claims, now)?.unwrap_or(Timestamp::MAX);
        let named = TokenDigest(Sha256::digest(jws.signing_input()).into());
        Ok(Self {
            text,
            token_type: if settings.jwt_as_access_token { urn::ACCESS_TOKEN } else { urn::JWT },
            ends_at,
            // One that does not say it was issued before every revocation.
            issued_at: Some(claims.rounded("iat", Rounding::Up)?.unwrap_or(Timestamp::from_secs(0))),
            confirmation: claims.confirmation().map_err(|_| DeniedKind::SenderConstrained)?,
            reference: reference(claims, named),
            also_named: vec![Target::SigningInput(named.0)],
        })
    }
}

/// Whether this is a token of the domain behind the edge: one of those must not come in as a
/// credential. A foreign server may be the callers' own provider too; there the audience tells.
fn is_internal(claims: &Claims, settings: &Settings) -> bool {
    let of_issuer = claims.get("iss").and_then(Value::as_str) == Some(settings.issuer.as_str());
    let for_us = || match claims.get("aud") {
        Some(Value::Array(members)) => members.iter().any(|member| member == settings.audience.as_str()),
        Some(one) => one == settings.audience.as_str(),
        None => false,
    };
    of_issuer && (settings.foreign.is_none() || for_us())
}

fn reference(claims: &Claims, named: TokenDigest) -> Option<CredentialRef> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let (issuer, subject) = (IssuerId::new(text("iss")?).ok()?, Subject::new(text("sub")?).ok()?);
    Some(CredentialRef::jwt(issuer, subject, claims.get("jti").and_then(external_token_id), named))
}
