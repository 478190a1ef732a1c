use super::exchange::{ExchangeRequest, ReplacementRequest};
use crate::error::OAuthError;
use crate::form::Form;
use crate::grant::GrantType;

/// The parameters of one grant. Those of other grants are not read.
pub(crate) enum GrantRequest<'f> {
    /// A token is exchanged (RFC 8693 §2.1).
    Exchange(ExchangeRequest<'f>),
    /// A transaction token is exchanged for another one of its transaction.
    Replacement(ReplacementRequest<'f>),
    /// The assertion of a trusted issuer (RFC 7523 §2.1).
    Assertion(&'f str),
    /// The client asks for itself (RFC 6749 §4.4).
    ClientCredentials,
}

impl<'f> GrantRequest<'f> {
    pub(super) fn parse(grant_type: GrantType, form: &'f Form) -> Result<Self, OAuthError> {
        match grant_type {
            GrantType::TokenExchange if ReplacementRequest::is_meant_by(form) => {
                ReplacementRequest::parse(form).map(Self::Replacement)
            }
            GrantType::TokenExchange => ExchangeRequest::parse(form).map(Self::Exchange),
            GrantType::JwtBearer => form.required("assertion", "the assertion is missing").map(Self::Assertion),
            GrantType::ClientCredentials => Ok(Self::ClientCredentials),
        }
    }
}
