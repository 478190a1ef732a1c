use remint_token::urn;

use crate::client::Right;
use crate::error::Code;

/// A grant of RFC 6749 §4, by its `grant_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrantType {
    /// RFC 8693.
    TokenExchange,
    /// RFC 7523 §2.1.
    JwtBearer,
    /// RFC 6749 §4.4.
    ClientCredentials,
}

impl GrantType {
    pub(crate) const ALL: [Self; 3] = [Self::TokenExchange, Self::JwtBearer, Self::ClientCredentials];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
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
}
