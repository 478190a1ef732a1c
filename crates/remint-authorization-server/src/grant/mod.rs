//! The grants. Each says whose token it is to be; everything else is the handler's business.

mod client_credentials;
mod jwt_bearer;
mod token_exchange;

use remint_core::{Authentication, Refusal, Scopes, Verified};
use remint_issuer::Transaction;
use remint_normalize::Minting;
use remint_token::urn;

use crate::client::{Client, Right};
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::server::Server;

/// A grant of RFC 6749 §4, by its `grant_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// RFC 8693.
    TokenExchange,
    /// RFC 7523 §2.1.
    JwtBearer,
    /// RFC 6749 §4.4.
    ClientCredentials,
}

/// Whose token it is to be.
#[derive(Debug)]
pub(crate) struct Granted {
    /// They, with whoever acts for them, and what bounds the token.
    pub(crate) authentication: Authentication,
    /// What remains of their scopes by whoever acts for them; `None`: all of them.
    pub(crate) limit: Option<Scopes>,
    /// They come from outside: what is known of them is yet to be asked.
    pub(crate) is_fresh: bool,
    /// What kind of token is made.
    pub(crate) output: Output,
}

/// What kind of token is made.
#[derive(Debug)]
pub(crate) enum Output {
    /// An access token, called so, or a JWT, as RFC 8693 §3 has names for both. `None`: the answer of other
    /// grants does not say.
    AccessToken(Option<&'static str>),
    /// A transaction token; in place of this one, if there is one.
    Transaction(Option<Box<Verified<Transaction>>>),
}

impl Grant {
    pub(crate) const ALL: [Self; 3] = [Self::TokenExchange, Self::JwtBearer, Self::ClientCredentials];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == text)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TokenExchange => urn::TOKEN_EXCHANGE,
            Self::JwtBearer => urn::JWT_BEARER,
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// Its name in metrics.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::TokenExchange => "token_exchange",
            Self::JwtBearer => "jwt_bearer",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// What a client must be allowed.
    pub(crate) const fn right(self) -> Right {
        match self {
            Self::TokenExchange => Right::Exchange,
            Self::JwtBearer => Right::JwtBearer,
            Self::ClientCredentials => Right::ClientCredentials,
        }
    }

    /// How whoever comes with it is refused (RFC 6749 §5.2, RFC 7523 §3.1, RFC 8693 §2.2.2).
    pub(crate) const fn refusal(self) -> Code {
        match self {
            Self::TokenExchange => Code::InvalidRequest,
            Self::JwtBearer => Code::InvalidGrant,
            Self::ClientCredentials => Code::UnauthorizedClient,
        }
    }

    /// Whose token it is to be.
    pub(crate) async fn subject(
        self,
        server: &Server,
        client: &Client,
        minting: &Minting<'_>,
        form: &Form,
    ) -> Result<Granted, OAuthError> {
        match self {
            Self::TokenExchange => token_exchange::subject(server, client, minting, form).await,
            Self::JwtBearer => jwt_bearer::subject(server, client, minting, form).await,
            Self::ClientCredentials => client_credentials::subject(server, client),
        }
    }
}

/// A token of the request that is refused is `code`, whatever the reason; an outage is an outage.
fn refused(refusal: Refusal, code: Code, description: &'static str) -> OAuthError {
    match refusal {
        Refusal::Denied(denied) => {
            tracing::debug!(target: "remint", reason = denied.kind().reason(), "a token was not accepted");
            OAuthError::Refused(code, description)
        }
        Refusal::Unavailable(unavailable) => OAuthError::Unavailable(unavailable),
    }
}
