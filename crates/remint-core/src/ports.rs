use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Authentication, Credential, Ext, Identity, InternalToken, Refusal, Revocation, Stamp, Timestamp, Unavailable,
    Verified,
};

/// Answers: who is this?
///
/// # Contract
///
/// - `Ok(None)`: the credential is of a form or format that this authenticator does not know;
///   another may be asked.
/// - `Ok(Some(_))` if and only if the credential's proof was checked.
/// - An outage is [`Refusal::Unavailable`], never a denial.
/// - The credential is neither kept nor shown.
/// - It answers in bounded time: all who present the same credential wait for the same answer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not authenticate credentials",
    note = "implement `Authenticator`, or wrap a key store or trust in the authenticator of its crate"
)]
#[async_trait]
pub trait Authenticator: Debug + Send + Sync + 'static {
    /// Checks one credential.
    ///
    /// # Errors
    ///
    /// [`Refusal::Denied`] if it is not valid, [`Refusal::Unavailable`] if that cannot be said.
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal>;
}

/// Answers: what do we know of them?
///
/// # Contract
///
/// - It adds claims and takes none away; the types keep it from writing registered claims.
/// - It is asked on a miss only; what it says is cached until `valid_until`.
/// - It answers in bounded time: all who present the same credential wait for it.
#[async_trait]
pub trait Enricher: Debug + Send + Sync + 'static {
    /// What is known of this identity.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if that cannot be said. Unless the enricher was added as an optional one,
    /// the request is then answered with 503.
    async fn enrich(&self, identity: &Identity) -> Result<Enrichment, Unavailable>;
}

/// What an enricher adds.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrichment {
    /// Claims for the token's `ext`.
    pub ext: Ext,
    /// Until when they hold; the token ends no later.
    pub valid_until: Timestamp,
}

impl Enrichment {
    /// Claims that hold as long as the identity does.
    #[must_use]
    pub const fn new(ext: Ext) -> Self {
        Self { ext, valid_until: Timestamp::MAX }
    }
}

/// What the internal token is to say.
#[derive(Debug, Clone)]
pub struct Grant<'a> {
    /// Of whom.
    pub identity: &'a Identity,
    /// The latest `exp` it may have: the end of what it came from.
    pub not_after: Timestamp,
    /// How far the shared revocation log was read before the caller was authenticated; `None`
    /// where no service outside this process can follow the log.
    pub stamp: Option<&'a Stamp>,
}

/// Mints internal tokens.
///
/// # Contract
///
/// The token's `exp` is at most `not_after` and at most the configured time to live from now.
#[async_trait]
pub trait TokenIssuer: Debug + Send + Sync + 'static {
    /// Mints one token.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if it cannot be signed.
    async fn issue(&self, grant: Grant<'_>) -> Result<InternalToken, Unavailable>;
}

/// Ends or changes something everywhere.
///
/// # Contract
///
/// When `revoke` has returned `Ok`, this process accepts nothing older of the target.
#[async_trait]
pub trait Revoker: Debug + Send + Sync + 'static {
    /// Writes one row and applies it here.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log did not take the row. It must reach whoever asked.
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable>;

    /// Whether a row that was written before ends this credential. The line refuses it in the end;
    /// whoever makes something lasting of a credential before that asks here. Who holds no rows knows
    /// of none.
    fn refuses(&self, authentication: &Authentication) -> bool {
        let _ = authentication;
        false
    }
}

#[async_trait]
impl<T: Authenticator + ?Sized> Authenticator for Arc<T> {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        (**self).authenticate(credential).await
    }
}

#[async_trait]
impl<T: Enricher + ?Sized> Enricher for Arc<T> {
    async fn enrich(&self, identity: &Identity) -> Result<Enrichment, Unavailable> {
        (**self).enrich(identity).await
    }
}

#[async_trait]
impl<T: TokenIssuer + ?Sized> TokenIssuer for Arc<T> {
    async fn issue(&self, grant: Grant<'_>) -> Result<InternalToken, Unavailable> {
        (**self).issue(grant).await
    }
}
