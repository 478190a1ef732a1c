//! The grants. Each says whose token it is to be; everything else is the handler's business.

mod client_credentials;
mod grant_type;
mod jwt_bearer;
mod replacement;
mod token_exchange;

use remint_core::{Authentication, Refusal, Scopes, Verified};
use remint_issuer::Transaction;
use remint_normalize::Minting;

pub(crate) use self::grant_type::GrantType;
use crate::client::Client;
use crate::error::{Code, OAuthError};
use crate::request::{GrantRequest, TransactionDetails};
use crate::server::Server;
use crate::trail::Trail;

/// What every grant has at hand.
pub(crate) struct GrantContext<'a> {
    /// The server that is asked.
    pub(crate) server: &'a Server,
    /// The client that asks: it has proven who it is, and has the right to the grant.
    pub(crate) client: &'a Client,
    /// How far the revocation log was read before anybody was authenticated, and who authenticates.
    pub(crate) minting: &'a Minting<'a>,
    /// What the log is told if the request is refused.
    pub(crate) trail: &'a Trail,
}

impl GrantContext<'_> {
    /// Whose token it is to be.
    pub(crate) async fn subject(&self, request: GrantRequest<'_>) -> Result<Granted, OAuthError> {
        match request {
            GrantRequest::Exchange(request) => token_exchange::subject(self, request).await,
            GrantRequest::Replacement(request) => replacement::subject(self, request).await,
            GrantRequest::Assertion(assertion) => jwt_bearer::subject(self, assertion).await,
            GrantRequest::ClientCredentials => client_credentials::subject(self),
        }
    }

    /// A token of the request that is refused is `code`, whatever the reason; an outage is an outage.
    fn refused(&self, token: &str, refusal: Refusal, code: Code, description: &'static str) -> OAuthError {
        match refusal {
            Refusal::Denied(denied) => {
                let kind = denied.kind();
                self.trail.refused(kind.reason(), self.server.authority.explain(token, kind));
                OAuthError::Refused(code, description)
            }
            Refusal::Unavailable(unavailable) => OAuthError::Unavailable(unavailable),
        }
    }
}

/// Whose token it is to be.
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
pub(crate) enum Output {
    /// An access token. `issued_token_type` of the answer; `None` where the grant has no such member.
    AccessToken(Option<&'static str>),
    /// A transaction token.
    Transaction {
        /// What the request says of the transaction, or why that cannot be read.
        details: Result<TransactionDetails, OAuthError>,
        /// The token that it takes the place of.
        replaced: Option<Box<Verified<Transaction>>>,
    },
}
