use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Audience, Authentication, Credential, Ext, Identity, InternalToken, Refusal, Revocation, RevocationLog, Stamp,
    Timestamp, Unavailable, Verified,
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
    note = "implement `Authenticator`, or wrap a key store or trust in the authenticator of its crate",
    note = "if this is a future, `.await` it first"
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
/// - It adds claims, roles, groups and entitlements and takes none away; the types keep it from writing
///   registered claims. Roles, groups and entitlements that it adds do not reach the token of a
///   [restricted](Authentication::restricted) credential, and [reserved](crate::is_reserved) ones reach none.
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

/// What an enricher adds. Roles, groups and entitlements reach the identity as they are said: each once, but for
/// [reserved](crate::is_reserved) ones, and none of them where the credential is
/// [restricted](crate::Authentication::restricted).
#[derive(Debug, Clone, PartialEq)]
pub struct Enrichment {
    /// Claims for the token's `ext`.
    pub ext: Ext,
    /// Roles beside those that the identity has.
    pub roles: Vec<String>,
    /// Groups beside those that the identity has.
    pub groups: Vec<String>,
    /// Entitlements beside those that the identity has.
    pub entitlements: Vec<String>,
    /// Until when they hold; the token ends no later.
    pub valid_until: Timestamp,
}

impl Enrichment {
    /// Claims that hold as long as the identity does.
    #[must_use]
    pub const fn new(ext: Ext) -> Self {
        Self { ext, roles: Vec::new(), groups: Vec::new(), entitlements: Vec::new(), valid_until: Timestamp::MAX }
    }

    /// With these roles.
    #[must_use]
    pub fn with_roles<T: Into<String>>(mut self, roles: impl IntoIterator<Item = T>) -> Self {
        self.roles.extend(roles.into_iter().map(Into::into));
        self
    }

    /// With these groups.
    #[must_use]
    pub fn with_groups<T: Into<String>>(mut self, groups: impl IntoIterator<Item = T>) -> Self {
        self.groups.extend(groups.into_iter().map(Into::into));
        self
    }

    /// With these entitlements.
    #[must_use]
    pub fn with_entitlements<T: Into<String>>(mut self, entitlements: impl IntoIterator<Item = T>) -> Self {
        self.entitlements.extend(entitlements.into_iter().map(Into::into));
        self
    }
}

/// These claims, as long as the identity holds.
impl From<Ext> for Enrichment {
    fn from(ext: Ext) -> Self {
        Self::new(ext)
    }
}

/// Nothing, as long as the identity holds.
impl Default for Enrichment {
    fn default() -> Self {
        Self::new(Ext::default())
    }
}

/// What an issuer is asked to mint: the content of one internal token.
#[derive(Debug, Clone)]
pub struct MintRequest<'a> {
    /// Of whom.
    pub identity: &'a Identity,
    /// The latest `exp` it may have: the end of what it came from.
    pub not_after: Timestamp,
    /// How far the shared revocation log was read before the caller was authenticated; `None`
    /// where no service outside this process can follow the log.
    pub stamp: Option<&'a Stamp>,
    /// For whom the token is; empty: for the issuer's own audiences.
    pub audiences: &'a [Audience],
}

impl<'a> MintRequest<'a> {
    /// A token that says no more than who it is, for the issuer's own audiences.
    #[must_use]
    pub const fn new(identity: &'a Identity, not_after: Timestamp) -> Self {
        Self { identity, not_after, stamp: None, audiences: &[] }
    }
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
    /// [`Unavailable`] if it cannot be signed; [`TooLong`](crate::DeniedKind::TooLong) if the identity says more
    /// than fits into a token.
    async fn issue(&self, request: MintRequest<'_>) -> Result<InternalToken, Refusal>;
}

/// Exchanges a credential at a server that authenticates it and mints: for an edge without keys, stores
/// and trusts of its own (RFC 8693).
///
/// # Contract
///
/// - `Ok` if and only if the server vouched for the credential and the token is one of the expected
///   issuer, for the expected audience, valid now.
/// - What the server says of the credential is [`Refusal::Denied`]; whatever keeps it from an answer
///   is [`Refusal::Unavailable`].
/// - The token ends no later than the credential, and no later than it says.
/// - It answers in bounded time, and at once where the server is known to be gone.
/// - What the log's rows end, the server exchanges no more.
#[async_trait]
pub trait Exchanger: Debug + Send + Sync + 'static {
    /// Exchanges one credential.
    ///
    /// # Errors
    ///
    /// [`Refusal::Denied`] if it is not valid, [`Refusal::Unavailable`] if that cannot be said.
    async fn exchange(&self, credential: Credential<'_>) -> Result<Exchanged, Refusal>;

    /// The server's revocation log, for an edge to follow: what the server ends is then dead at the edge, too.
    /// `None`: it has none for others.
    fn revocation_log(&self) -> Option<Arc<dyn RevocationLog>>;
}

/// What an [`Exchanger`] brings back.
#[derive(Debug, Clone)]
pub struct Exchanged {
    /// The internal token.
    pub token: InternalToken,
    /// Whom it names, and what bounds its use.
    pub authentication: Verified<Authentication>,
    /// The token's `iat`.
    pub issued_at: Timestamp,
    /// The token's `rev`: how far the server had read the log of revocations before it asked anybody.
    pub rev: Option<Stamp>,
}

#[async_trait]
impl<T: Exchanger + ?Sized> Exchanger for Arc<T> {
    async fn exchange(&self, credential: Credential<'_>) -> Result<Exchanged, Refusal> {
        (**self).exchange(credential).await
    }

    fn revocation_log(&self) -> Option<Arc<dyn RevocationLog>> {
        (**self).revocation_log()
    }
}

/// Ends or changes something everywhere.
///
/// # Contract
///
/// When `revoke` or `announce` has returned `Ok`, this process accepts nothing older of the targets.
#[async_trait]
pub trait Revoker: Debug + Send + Sync + 'static {
    /// Writes one row and applies it here.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log did not take the row. It must reach whoever asked.
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable>;

    /// Tells of the rows of a change that was made: those that the store was handed with it
    /// ([`Commit::revocations`](crate::Commit::revocations)). A store that holds the log has written them then; any
    /// other log is told of them here, each at this moment.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if a log that is no store did not take them. The caller who made the change must learn of it.
    async fn announce(&self, rows: &[Revocation]) -> Result<(), Unavailable>;

    /// Whether a row that was written before ends this credential. The line refuses it in the end; code
    /// that makes something lasting of a credential before that asks here.
    ///
    /// A revoker that wraps another one asks it. A revoker that holds no rows answers `false`.
    fn refuses(&self, authentication: &Authentication) -> bool;
}

#[async_trait]
impl<T: Revoker + ?Sized> Revoker for Arc<T> {
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable> {
        (**self).revoke(revocation).await
    }

    async fn announce(&self, rows: &[Revocation]) -> Result<(), Unavailable> {
        (**self).announce(rows).await
    }

    fn refuses(&self, authentication: &Authentication) -> bool {
        (**self).refuses(authentication)
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
    async fn issue(&self, request: MintRequest<'_>) -> Result<InternalToken, Refusal> {
        (**self).issue(request).await
    }
}
