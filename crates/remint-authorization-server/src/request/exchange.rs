use remint_token::urn;

use super::token_type::TokenType;
use super::transaction::TransactionDetails;
use crate::error::OAuthError;
use crate::form::Form;

/// The parameters of a token exchange (RFC 8693 §2.1).
pub(crate) struct ExchangeRequest<'f> {
    /// `subject_token` and `subject_token_type`.
    pub(crate) subject: TypedToken<'f>,
    /// `actor_token` and `actor_token_type`: the one if and only if the other.
    pub(crate) actor: Option<TypedToken<'f>>,
    /// `requested_token_type`.
    pub(crate) requested: RequestedToken,
}

/// A token of the request and what it is said to be. Nothing of it is believed yet.
#[derive(Clone, Copy)]
pub(crate) struct TypedToken<'f> {
    /// What it is said to be.
    pub(crate) kind: TokenType,
    /// Its text.
    pub(crate) text: &'f str,
}

/// What kind of token is asked for.
pub(crate) enum RequestedToken {
    /// An access token, called so, or a JWT, as RFC 8693 §3 has names for both: the one that is answered.
    AccessToken(&'static str),
    /// A transaction token, and what is said of the transaction, or why that cannot be read.
    Transaction(Result<TransactionDetails, OAuthError>),
}

/// A transaction token to be replaced by another one of its transaction: it is no access token, and becomes none.
pub(crate) struct ReplacementRequest<'f> {
    /// `subject_token`.
    pub(crate) token: &'f str,
    /// What is said of the transaction, or why that cannot be read.
    pub(crate) details: Result<TransactionDetails, OAuthError>,
}

impl<'f> ExchangeRequest<'f> {
    pub(super) fn parse(form: &'f Form) -> Result<Self, OAuthError> {
        let (text, kind) = subject(form)?;
        let unknown = OAuthError::invalid_request(UNKNOWN_SUBJECT);
        let subject = TypedToken { kind: TokenType::parse(kind).ok_or(unknown)?, text };
        let requested = RequestedToken::parse(form)?;
        Ok(Self { subject, actor: actor(form)?, requested })
    }
}

impl RequestedToken {
    fn parse(form: &Form) -> Result<Self, OAuthError> {
        match form.optional("requested_token_type") {
            None | Some(urn::ACCESS_TOKEN) => Ok(Self::AccessToken(urn::ACCESS_TOKEN)),
            Some(urn::JWT) => Ok(Self::AccessToken(urn::JWT)),
            Some(urn::TRANSACTION_TOKEN) => Ok(Self::Transaction(TransactionDetails::parse(form))),
            Some(_) => Err(OAuthError::invalid_request(NOT_ISSUED)),
        }
    }
}

impl<'f> ReplacementRequest<'f> {
    /// Whether the subject token is said to be a transaction token.
    pub(super) fn is_meant_by(form: &Form) -> bool {
        form.optional("subject_token_type") == Some(urn::TRANSACTION_TOKEN)
    }

    pub(super) fn parse(form: &'f Form) -> Result<Self, OAuthError> {
        let (token, _) = subject(form)?;
        if form.optional("requested_token_type") != Some(urn::TRANSACTION_TOKEN) {
            return Err(OAuthError::invalid_request("a transaction token is exchanged for another one only"));
        }
        if form.optional("actor_token").is_some() || form.optional("actor_token_type").is_some() {
            return Err(OAuthError::invalid_request("a transaction goes on without another actor"));
        }
        Ok(Self { token, details: TransactionDetails::parse(form) })
    }
}

/// The subject token and its type.
fn subject(form: &Form) -> Result<(&str, &str), OAuthError> {
    let text = form.required("subject_token", "the subject token is missing")?;
    let kind = form.required("subject_token_type", MISSING_TYPE)?;
    Ok((text, kind))
}

/// RFC 8693 §2.1: an actor token needs its type, and a type its token.
fn actor(form: &Form) -> Result<Option<TypedToken<'_>>, OAuthError> {
    match (form.optional("actor_token"), form.optional("actor_token_type")) {
        (None, None) => Ok(None),
        (Some(text), Some(kind)) => {
            let unknown = OAuthError::invalid_request(UNKNOWN_ACTOR);
            Ok(Some(TypedToken { kind: TokenType::parse(kind).ok_or(unknown)?, text }))
        }
        _ => Err(OAuthError::invalid_request("an actor token needs its type, and the type a token")),
    }
}

const MISSING_TYPE: &str = "the type of the subject token is missing: subject_token_type is one of \
    urn:ietf:params:oauth:token-type:access_token, urn:ietf:params:oauth:token-type:jwt, \
    urn:ietf:params:oauth:token-type:id_token, urn:remint:params:oauth:token-type:api-key";
const UNKNOWN_SUBJECT: &str = "the type of the subject token is unknown: subject_token_type is one of \
    urn:ietf:params:oauth:token-type:access_token, urn:ietf:params:oauth:token-type:jwt, \
    urn:ietf:params:oauth:token-type:id_token, urn:remint:params:oauth:token-type:api-key";
const UNKNOWN_ACTOR: &str = "the type of the actor token is unknown: actor_token_type is one of \
    urn:ietf:params:oauth:token-type:access_token, urn:ietf:params:oauth:token-type:jwt, \
    urn:ietf:params:oauth:token-type:id_token, urn:remint:params:oauth:token-type:api-key";
const NOT_ISSUED: &str = "tokens of the requested type are not issued: requested_token_type is one of \
    urn:ietf:params:oauth:token-type:access_token, urn:ietf:params:oauth:token-type:jwt, \
    urn:ietf:params:oauth:token-type:txn_token";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_about_a_type_names_the_types_that_there_are() {
        for text in [MISSING_TYPE, UNKNOWN_SUBJECT, UNKNOWN_ACTOR] {
            for urn in TokenType::NAMES {
                assert!(TokenType::parse(urn).is_some() && text.contains(urn), "{urn}: {text}");
            }
        }
        for urn in [urn::ACCESS_TOKEN, urn::JWT, urn::TRANSACTION_TOKEN] {
            assert!(NOT_ISSUED.contains(urn), "{urn}");
        }
    }
}
