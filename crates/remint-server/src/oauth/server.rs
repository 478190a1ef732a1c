use std::sync::Arc;
use std::time::Duration;

use remint_apikey::ApiKeys;
use remint_core::{
    Audience, Authentication, Authenticator, Credential, DeniedKind, IssuerId, Refusal, Revoker, Unavailable,
    UnavailableKind, Verified,
};
use remint_issuer::{Issuer, TransactionIssuer};
use remint_normalize::Authority;

use super::authentication::Clients;
use super::client::Client;
use super::error::OAuthError;
use super::internal::InternalTokens;

/// What the endpoints share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) authority: Authority,
    pub(super) issuer: Arc<Issuer>,
    pub(super) internal: InternalTokens,
    pub(super) clients: Clients,
    pub(super) id_tokens: Option<Arc<dyn Authenticator>>,
    pub(super) transactions: Option<TransactionIssuer>,
    pub(super) api_keys: Option<ApiKeys>,
    pub(super) revoker: Option<Arc<dyn Revoker>>,
    /// How long the work for one request may take.
    pub(super) answer_within: Duration,
}

impl Server {
    pub(super) fn issuer_id(&self) -> &IssuerId {
        self.issuer.id()
    }

    /// For whom a client may ask for tokens.
    pub(super) fn audiences<'a>(&'a self, client: &'a Client) -> &'a [Audience] {
        if client.audiences.is_empty() { self.issuer.audiences() } else { &client.audiences }
    }

    /// For whom an internal token must be that a client exchanges.
    pub(super) fn subject_audiences<'a>(&'a self, client: &'a Client) -> &'a [Audience] {
        if client.subject_audiences.is_empty() { self.issuer.audiences() } else { &client.subject_audiences }
    }

    /// Whose ID token it is: of an issuer whose ID tokens are accepted.
    pub(super) async fn id_token(&self, credential: Credential<'_>) -> Result<Verified<Authentication>, Refusal> {
        let Some(authenticator) = &self.id_tokens else { return Err(DeniedKind::TokenType.into()) };
        let asked = authenticator.authenticate(credential);
        let verified = self.authority.bound(asked).await??.ok_or(DeniedKind::TokenType)?;
        if self.authority.table().refuses(verified.get(), remint_cache::RevocationTable::SKEW) {
            return Err(DeniedKind::Revoked.into());
        }
        Ok(verified)
    }

    /// Ends work that takes longer than edges wait for: an edge that gets no answer in time would take this
    /// server for dead, though only one provider is.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = Result<T, OAuthError>>) -> Result<T, OAuthError> {
        tokio::time::timeout(self.answer_within, work).await.unwrap_or_else(|_| {
            let cause = "the request took longer than the server may take to answer";
            Err(Unavailable::new(UnavailableKind::Deadline).with_source(cause).into())
        })
    }

    /// An outage of what should be there.
    pub(super) fn defect(cause: &'static str) -> Unavailable {
        Unavailable::new(UnavailableKind::Internal).with_source(cause)
    }
}
