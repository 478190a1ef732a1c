//! A request to the token endpoint, parsed once.

mod exchange;
mod grant;
mod token_type;
mod transaction;

use remint_core::Scopes;

pub(crate) use self::exchange::{ExchangeRequest, ReplacementRequest, RequestedToken, TypedToken};
pub(crate) use self::grant::GrantRequest;
pub(crate) use self::token_type::TokenType;
pub(crate) use self::transaction::TransactionDetails;
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::grant::GrantType;

/// What a client asks of the token endpoint (RFC 6749 §4, RFC 7523 §2.1, RFC 8693 §2.1).
///
/// A part that does not parse is kept as the error that it is answered with. The endpoint raises it when it comes to
/// that part, so that a request with several errors is answered with the same one whatever is parsed first: the grant
/// type, the client's right to it, the audience, the grant's own parameters, the scope, the transaction's context.
pub(crate) struct TokenRequest<'f> {
    /// `grant_type`.
    pub(crate) grant_type: GrantType,
    /// Each `audience`, then each `resource` (RFC 8707 §2).
    pub(crate) targets: Vec<&'f str>,
    /// `scope`; `None` if it is absent, or an error if it is malformed.
    pub(crate) scope: Result<Option<Scopes>, OAuthError>,
    /// The parameters of the grant type, or the first error among them.
    pub(crate) grant: Result<GrantRequest<'f>, OAuthError>,
}

impl<'f> TokenRequest<'f> {
    /// Parses the form of a client that has proven who it is.
    ///
    /// # Errors
    ///
    /// `invalid_request` without a grant type, `unsupported_grant_type` for one that is unknown.
    pub(crate) fn parse(form: &'f Form) -> Result<Self, OAuthError> {
        let grant_type = form.required("grant_type", "the grant type is missing")?;
        let unknown = OAuthError::Refused(Code::UnsupportedGrantType, UNKNOWN_GRANT);
        let grant_type = GrantType::parse(grant_type).ok_or(unknown)?;
        Ok(Self {
            grant_type,
            targets: form.all("audience").chain(form.all("resource")).collect(),
            scope: scope(form),
            grant: GrantRequest::parse(grant_type, form),
        })
    }
}

/// RFC 6749 §3.3.
fn scope(form: &Form) -> Result<Option<Scopes>, OAuthError> {
    let parsed = form.optional("scope").map(|text| Scopes::try_from_iter(text.split(' '))).transpose();
    parsed.map_err(|_| OAuthError::Refused(Code::InvalidScope, "the scope is malformed"))
}

const UNKNOWN_GRANT: &str = "the grant type is unknown: grant_type is one of \
    urn:ietf:params:oauth:grant-type:token-exchange, urn:ietf:params:oauth:grant-type:jwt-bearer, client_credentials";

#[cfg(test)]
mod tests;
