//! Transaction tokens, under the same keys as internal ones.

mod error;
mod request;
mod token;

use std::sync::Arc;
use std::time::Duration;

use remint_core::{Audience, Denied, DeniedKind, Scopes, Timestamp, TransactionId, Verified};
use remint_jwt::Jws;
use remint_token::{
    MAX_EARLIER_REQUESTERS, MAX_TRANSACTION_LIFETIME, TRANSACTION_TYPE, Transaction, TransactionClaims,
    TransactionExpectations, expiry, transaction,
};

pub use error::TransactionError;
pub use request::{TransactionMintRequest, TransactionReplacement};
pub use token::TransactionToken;

use crate::issuer::cannot_issue;
use crate::keys::Keys;
use crate::{Issuer, IssuerError, random};

/// Mints the transaction tokens of one trust domain (draft-ietf-oauth-transaction-tokens): its "Txn-Token
/// Service", of which each trust domain has exactly one.
///
/// They are signed by the keys of the [`Issuer`] and verified under its published key set, but they are
/// not its access tokens: another `typ`, another audience, and no `jti`, so that nobody who looks at any
/// one of these takes one for the other.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
///
/// use remint_core::{Audience, ClientId, CredentialRef, Environment, Identity, IssuerId, Subject, Timestamp};
/// use remint_issuer::{Issuer, TransactionContext, TransactionMintRequest, TransactionIssuer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = Issuer::builder(IssuerId::new("https://auth.internal")?, Audience::new("internal")?).build()?;
/// let transactions = TransactionIssuer::new(Arc::new(issuer), Audience::new("trust-domain.example")?)?;
///
/// let web = ClientId::new("web")?;
/// let mut alice =
///     Identity::new(Subject::new("alice")?, Environment::Live, web.clone(), CredentialRef::Client { id: web });
/// alice.scopes = "trade.stocks trade.bonds".parse()?;
/// let token = transactions
///     .mint(&TransactionMintRequest {
///         identity: &alice,
///         not_after: Timestamp::MAX,
///         requester: &ClientId::new("api-gateway")?,
///         audience: &Audience::new("trust-domain.example")?,
///         scopes: &"trade.stocks".parse()?,
///         request_context: Some(TransactionContext::parse(br#"{"req_ip": "192.0.2.1"}"#)?),
///         request_details: Some(TransactionContext::parse(br#"{"action": "BUY", "quantity": 100}"#)?),
///     })
///     .await?;
///
/// // To be sent in the header `Txn-Token`, and passed on as it is.
/// let transaction = transactions.verify(token.expose_secret())?;
/// assert_eq!(transaction.get().requester.as_str(), "api-gateway");
/// assert_eq!(transaction.get().scopes().to_string(), "trade.stocks");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TransactionIssuer {
    issuer: Arc<Issuer>,
    expected: TransactionExpectations,
    ttl: Duration,
}

impl TransactionIssuer {
    /// An issuer of transaction tokens that live for a minute at most, or as long as the issuer's
    /// internal tokens if that is shorter.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Setting`] if the trust domain is an audience of the issuer's internal tokens.
    pub fn new(issuer: Arc<Issuer>, trust_domain: Audience) -> Result<Self, IssuerError> {
        if issuer.audiences().contains(&trust_domain) {
            return Err(IssuerError::Setting("a trust domain is no audience of internal tokens"));
        }
        let ttl = USUAL_TTL.min(issuer.ttl());
        Ok(Self { expected: TransactionExpectations::new(issuer.id().clone(), trust_domain), issuer, ttl })
    }

    /// How long a token lives at most: for as long as a call takes.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Setting`] if it is less than a second, more than [`MAX_TRANSACTION_LIFETIME`], or
    /// more than the issuer's internal tokens live: its keys are published no longer than those need.
    pub fn with_ttl(mut self, ttl: Duration) -> Result<Self, IssuerError> {
        if ttl < Duration::from_secs(1) || ttl > MAX_TRANSACTION_LIFETIME.min(self.issuer.ttl()) {
            return Err(IssuerError::Setting(
                "transaction tokens live for one second to five minutes, and no longer than internal tokens",
            ));
        }
        self.ttl = ttl;
        Ok(self)
    }

    /// The `aud` of its tokens.
    #[must_use]
    pub const fn trust_domain(&self) -> &Audience {
        self.expected.trust_domain()
    }

    /// How long a token lives at most.
    #[must_use]
    pub const fn ttl(&self) -> Duration {
        self.ttl
    }

    /// Mints the first token of a transaction (§ "Txn-Token Request Processing"): `txn` is new, `exp` is
    /// the earlier of `not_after` and the time to live from now. With fewer scopes than the identity has it
    /// carries no roles, groups and entitlements.
    ///
    /// # Errors
    ///
    /// - [`TransactionError::TrustDomain`]: the audience asked for is another.
    /// - [`TransactionError::Scope`]: no scope is asked for, or one that the identity does not have.
    /// - [`TransactionError::Ended`]: no whole second lies between now and `not_after`.
    /// - [`TransactionError::Unavailable`]: it cannot be signed, or is too long for a header.
    pub async fn mint(&self, request: &TransactionMintRequest<'_>) -> Result<TransactionToken, TransactionError> {
        let mut identity = request.identity.clone();
        let scopes = self.narrowed(request.audience, &identity.scopes, request.scopes)?;
        if scopes != identity.scopes {
            identity.restrict();
        }
        identity.scopes = scopes;
        let (issued_at, expires_at) = self.moments(request.not_after)?;
        let id = TransactionId::new(random::id().map_err(cannot_issue)?).map_err(cannot_issue)?;
        let transaction = Transaction {
            id,
            trust_domain: self.trust_domain().clone(),
            identity,
            requester: request.requester.clone(),
            earlier_requesters: Vec::new(),
            request_context: request.request_context.clone().unwrap_or_default(),
            request_details: request.request_details.clone().unwrap_or_default(),
            issued_at,
            expires_at,
        };
        self.sign(&transaction).await
    }

    /// Mints a token in place of one that somebody holds (§ "Txn-Token as a `subject_token`"): with its
    /// `txn`, its `sub` and all that is said of the caller, its `tctx`, at most its scopes, at most
    /// its lifetime, and who asked for it kept in the chain. Where scopes are asked for it carries no
    /// roles, groups and entitlements.
    ///
    /// # Errors
    ///
    /// As [`TransactionIssuer::mint`], and
    ///
    /// - [`TransactionError::Details`]: other details than the transaction's.
    /// - [`TransactionError::Context`]: the context would change what is there, or grow too large.
    /// - [`TransactionError::Chain`]: it has been replaced [`MAX_EARLIER_REQUESTERS`] times.
    pub async fn replace(&self, asked: &TransactionReplacement<'_>) -> Result<TransactionToken, TransactionError> {
        let mut transaction = asked.transaction.get().clone();
        let scopes = asked.scopes.unwrap_or_else(|| asked.transaction.get().scopes());
        transaction.identity.scopes = self.narrowed(asked.audience, transaction.scopes(), scopes)?;
        if asked.scopes.is_some() {
            transaction.identity.restrict();
        }
        if asked.request_details.as_ref().is_some_and(|details| *details != transaction.request_details) {
            return Err(TransactionError::Details);
        }
        if let Some(context) = &asked.request_context {
            transaction.request_context = transaction.request_context.with(context)?;
        }
        if transaction.earlier_requesters.len() >= MAX_EARLIER_REQUESTERS {
            return Err(TransactionError::Chain);
        }
        let earlier = std::mem::replace(&mut transaction.requester, asked.requester.clone());
        transaction.earlier_requesters.push(earlier);
        (transaction.issued_at, transaction.expires_at) = self.moments(transaction.expires_at)?;
        self.sign(&transaction).await
    }

    /// Verifies a transaction token of this trust domain under the issuer's own keys: for one that is to
    /// be replaced. Whether what it hangs on was revoked is the caller's to ask
    /// ([`Identity::targets`](remint_core::Identity::targets)).
    ///
    /// # Errors
    ///
    /// [`Denied`] by the kinds of [`TransactionExpectations::check`], for structure, key and signature.
    pub fn verify(&self, token: &str) -> Result<Verified<Transaction>, Denied> {
        let jws = Jws::parse(token).map_err(DeniedKind::from)?;
        self.expected.check(&jws, self.issuer.clock.now())?;
        let header = jws.header();
        let key = self.issuer.key_set().find(header.key_id(), header.algorithm()).map_err(DeniedKind::from)?;
        let transaction = transaction(jws.verify(&key).map_err(DeniedKind::from)?.into_inner())?;
        #[expect(clippy::disallowed_methods, reason = "the signature was verified two lines above")]
        Ok(Verified::vouch(transaction))
    }

    fn narrowed(&self, audience: &Audience, held: &Scopes, asked: &Scopes) -> Result<Scopes, TransactionError> {
        if audience != self.trust_domain() {
            return Err(TransactionError::TrustDomain);
        }
        if asked.is_empty() || !held.contains_all(asked) {
            return Err(TransactionError::Scope);
        }
        Ok(asked.clone())
    }

    /// `iat` and `exp`, in whole seconds.
    fn moments(&self, not_after: Timestamp) -> Result<(Timestamp, Timestamp), TransactionError> {
        let now = self.issuer.clock.now();
        let expires_at = expiry(now, self.ttl, not_after).ok_or(TransactionError::Ended)?;
        Ok((Timestamp::from_secs(now.as_secs()), expires_at))
    }

    async fn sign(&self, transaction: &Transaction) -> Result<TransactionToken, TransactionError> {
        let claims = TransactionClaims::new(self.issuer.id(), transaction);
        let jws = match &self.issuer.keys {
            Keys::Remote(key) => key.sign(TRANSACTION_TYPE, &claims).await?,
            Keys::Kept(_) | Keys::Fixed(_) => {
                let key = self.issuer.keys.signing(self.issuer.clock.now());
                let key = key.ok_or_else(|| cannot_issue("there is no signing key in this process"))?;
                key.sign(TRANSACTION_TYPE, &claims).map_err(cannot_issue)?
            }
        };
        self.issuer.check_length(&jws, &claims).map_err(|_| TransactionError::TooLong)?;
        TransactionToken::new(&jws, transaction)
            .ok_or_else(|| cannot_issue("the token does not fit into a header").into())
    }
}

/// What one call takes, and some more.
const USUAL_TTL: Duration = Duration::from_secs(60);
