use remint_core::{
    Authentication, Clock, Denied, DeniedKind, Exchanged, InternalToken, Refusal, Timestamp, Unavailable, Verified,
};
use remint_jwt::{Jws, JwtError, Times, has_ended};
use remint_keyset::KeySet;
use remint_token::{Moments, REMINT_MEMBER, Restrictions, UnknownRestriction, urn};
use serde_json::{Map, Value};

use crate::foreign;
use crate::settings::Settings;
use crate::subject::SubjectToken;

/// Why a server's answer is not believed. None of it is the caller's fault.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum AnswerError {
    #[error("the answer's {0} is missing or not what it must be")]
    Member(&'static str),
    #[error("the issued token is not acceptable: {}", .0.reason())]
    Token(DeniedKind),
    #[error("the keys for the issued token cannot be had")]
    Keys(#[source] Unavailable),
    #[error("the issued token lives longer than any should")]
    Lifetime,
    #[error("the issued token lives longer than the credential")]
    Outlives,
    #[error(transparent)]
    Restriction(#[from] UnknownRestriction),
    #[error("the answer's confirmation is not the credential's")]
    OtherConfirmation,
    #[error("the issued token cannot stand in a header")]
    Header,
}

impl From<DeniedKind> for AnswerError {
    fn from(kind: DeniedKind) -> Self {
        Self::Token(kind)
    }
}

impl From<JwtError> for AnswerError {
    fn from(error: JwtError) -> Self {
        Self::Token(error.into())
    }
}

impl From<Denied> for AnswerError {
    fn from(denied: Denied) -> Self {
        Self::Token(denied.kind())
    }
}

impl From<Refusal> for AnswerError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(denied) => denied.into(),
            Refusal::Unavailable(unavailable) => Self::Keys(unavailable),
        }
    }
}

/// Believes an answer (RFC 8693 §2.2.1) if everything about it is as it must be.
pub(crate) async fn believe(
    answer: &Map<String, Value>,
    subject: SubjectToken<'_>,
    settings: &Settings,
    keys: &KeySet,
    clock: &dyn Clock,
) -> Result<Exchanged, AnswerError> {
    let text = token(answer)?;
    let restrictions = Restrictions::read(answer.get(REMINT_MEMBER))?;
    let jws = Jws::parse(text)?;
    let moments = match settings.foreign {
        None => settings.expectations.check(&jws, clock.now())?,
        Some(_) => foreign::check(&jws, settings, clock.now())?,
    };
    let source_ends = subject.ends_at.min(restrictions.credential_ends.unwrap_or(Timestamp::MAX));
    bounded(&moments, source_ends, settings)?;
    let claims = keys.verify(None, jws).await?.into_inner();
    // The key may have been waited for.
    if has_ended(moments.expires_at, clock.now()) {
        return Err(DeniedKind::Expired.into());
    }
    let confirmation = match (subject.confirmation, restrictions.confirmation) {
        (Some(own), Some(told)) if own != told => return Err(AnswerError::OtherConfirmation),
        (own, told) => own.or(told),
    };
    let mut identity = match settings.foreign {
        None => remint_token::identity(claims)?,
        Some(environment) => foreign::identity(&claims, environment, &moments.id, subject.reference)?,
    };
    identity.plan = restrictions.plan;
    identity.credential_ends = (source_ends < Timestamp::MAX).then_some(source_ends);
    let token = InternalToken::new(text, moments.id, moments.expires_at).ok_or(AnswerError::Header)?;
    let authentication = Authentication {
        also_named: subject.also_named,
        networks: restrictions.networks,
        confirmation,
        ..Authentication::new(identity, subject.issued_at.unwrap_or(moments.issued_at), source_ends)
    };
    #[expect(clippy::disallowed_methods, reason = "the server vouched, and its signature and claims were checked")]
    let authentication = Verified::vouch(authentication);
    Ok(Exchanged { token, authentication, issued_at: moments.issued_at, rev: moments.rev })
}

fn token(answer: &Map<String, Value>) -> Result<&str, AnswerError> {
    let text = |name: &'static str| match answer.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(AnswerError::Member(name)),
    };
    // Required by RFC 8693 §2.2.1, and yet left out by servers that issue access tokens only.
    if text("issued_token_type")?.is_some_and(|issued| !urn::is_access(issued)) {
        return Err(AnswerError::Member("issued_token_type"));
    }
    // One that is bound to a key of ours, or is no access token, could not be sent on.
    if !text("token_type")?.is_some_and(|kind| kind.eq_ignore_ascii_case("Bearer")) {
        return Err(AnswerError::Member("token_type"));
    }
    text("access_token")?.ok_or(AnswerError::Member("access_token"))
}

fn bounded(moments: &Moments, source_ends: Timestamp, settings: &Settings) -> Result<(), AnswerError> {
    let lifetime = Times { issued_at: moments.issued_at, expires_at: moments.expires_at }.lifetime();
    if lifetime.is_zero() || lifetime > settings.max_lifetime {
        return Err(AnswerError::Lifetime);
    }
    if moments.expires_at > source_ends && !settings.may_outlive {
        return Err(AnswerError::Outlives);
    }
    Ok(())
}
