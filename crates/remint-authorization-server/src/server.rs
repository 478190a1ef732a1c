use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use remint_apikey::ApiKeys;
use remint_core::{
    Audience, Authentication, Authenticator, Credential, DeniedKind, IssuerId, Refusal, Unavailable, UnavailableKind,
    Verified,
};
use remint_issuer::{Issuer, TransactionIssuer};
use remint_normalize::Authority;

use crate::client::Client;
use crate::clients::Clients;
use crate::error::OAuthError;
use crate::follow::Followers;
use crate::internal::InternalTokens;

/// What the endpoints share.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) authority: Authority,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) internal: InternalTokens,
    pub(crate) clients: Clients,
    pub(crate) id_tokens: Option<Arc<dyn Authenticator>>,
    pub(crate) transactions: Option<TransactionIssuer>,
    pub(crate) api_keys: Option<ApiKeys>,
    pub(crate) followers: Option<Followers>,
    /// How long the work for one request may take.
    pub(crate) answer_within: Duration,
}

impl Server {
    pub(crate) fn issuer_id(&self) -> &IssuerId {
        self.issuer.id()
    }

    /// For whom a client may ask for tokens.
    pub(crate) fn audiences<'a>(&'a self, client: &'a Client) -> &'a [Audience] {
        if client.audiences.is_empty() { self.issuer.audiences() } else { &client.audiences }
    }

    /// For whom an internal token must be that a client exchanges.
    pub(crate) fn subject_audiences<'a>(&'a self, client: &'a Client) -> &'a [Audience] {
        if client.subject_audiences.is_empty() { self.issuer.audiences() } else { &client.subject_audiences }
    }

    /// Whose ID token it is: of an issuer whose ID tokens are accepted.
    pub(crate) async fn id_token(&self, credential: Credential<'_>) -> Result<Verified<Authentication>, Refusal> {
        let Some(authenticator) = &self.id_tokens else { return Err(DeniedKind::TokenType.into()) };
        let asked = authenticator.authenticate(credential);
        let verified = self.authority.bound(asked).await??.ok_or(DeniedKind::TokenType)?;
        if self.authority.revocations().refuse(verified.get()).await? {
            return Err(DeniedKind::Revoked.into());
        }
        Ok(verified)
    }

    /// Ends work that takes longer than edges wait for: an edge that gets no answer in time would take this
    /// server for dead, though only one provider is.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = Result<T, OAuthError>>) -> Result<T, OAuthError> {
        tokio::time::timeout(self.answer_within, work).await.unwrap_or_else(|_| {
            let cause = "the request took longer than the server may take to answer";
            Err(Unavailable::new(UnavailableKind::Deadline).with_source(cause).into())
        })
    }

    /// An outage of what should be there.
    pub(crate) fn defect(cause: &'static str) -> Unavailable {
        Unavailable::new(UnavailableKind::Internal).with_source(cause)
    }
}

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Arc<Server>);

impl std::ops::Deref for Shared {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared(..)")
    }
}
