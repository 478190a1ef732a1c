//! Users, tenants and keys, as an administrator's code sees them.

mod defect;
mod descent;
mod import;
mod keys;
mod leak;
mod rows;
mod target;
mod tenants;
mod trail;
mod users;

use std::sync::Arc;

use remint_core::{
    AuditActor, Authentication, Clock, FoundKey, Refusal, Revoker, SystemClock, Timestamp, Unavailable, Verified,
};

use crate::check::KeyCheck;
use crate::foreign::{Accepted, HashPool};
use crate::last_used::LastUsed;
use crate::{ApiKeyAuthenticator, KeyFormat, KeyStore, Pepper, Peppers};

pub use self::descent::EndedKeys;
pub use self::leak::Leak;
pub use self::users::SignedUp;

/// Users, their tenants and their API keys. Clones are handles on the same.
///
/// # Ending something
///
/// Whatever ends or changes a key, a user or a tenant hands the store its rows of the revocation log with the change
/// ([`Commit`](remint_core::Commit)), and then tells the log of them through the [`Revoker`]: an entry that a cache
/// made in between is dead too.
/// When such a method returns an error, or its future was dropped, the row may be missing: call it
/// again. It writes the row each time, also when the store had nothing left to change.
///
/// # Audit
///
/// Each change is an event, written in the change's own transaction and told to `tracing` under the
/// target `remint::audit`. Who did it is the [`AuditActor`] that the handle
/// [acts as](ApiKeys::acting_as): [`AuditActor::System`] unless set.
#[derive(Debug, Clone)]
pub struct ApiKeys {
    check: KeyCheck,
    revoker: Arc<dyn Revoker>,
    actor: AuditActor,
}

impl ApiKeys {
    /// Keys of this store, under these peppers, ended through this revoker; in the
    /// [default format](KeyFormat::default) and by the system's clock.
    #[must_use]
    pub fn new(store: Arc<dyn KeyStore>, peppers: Peppers, revoker: Arc<dyn Revoker>) -> Self {
        let check = KeyCheck {
            store,
            peppers,
            format: KeyFormat::default(),
            accepted: Accepted::default(),
            pool: HashPool::default(),
            clock: Arc::new(SystemClock),
            last_used: Arc::new(LastUsed::default()),
            seen: Arc::default(),
        };
        Self { check, revoker, actor: AuditActor::System }
    }

    /// The same in another format.
    #[must_use]
    pub fn with_format(mut self, format: KeyFormat) -> Self {
        self.check.format = format;
        self
    }

    /// The non-secret beginning of a key, by which people recognise it: of a text in our own format (prefix,
    /// environment and four characters) or in djangorestframework-api-key's. `None` for every other text, of which
    /// nothing may be shown.
    #[must_use]
    pub fn beginning(&self, text: &str) -> Option<String> {
        let presented = self.check.accepted.read(&self.check.format, text)?;
        match presented.slow_start {
            Some(start) => Some(start.to_owned()),
            None => self.check.format.parse(presented.text).ok().map(|key| key.start().to_owned()),
        }
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.check.clock = clock.into_arc();
        self
    }

    /// A handle whose changes are this actor's in the audit trail.
    #[must_use]
    pub fn acting_as(&self, actor: AuditActor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// What authenticates requests by these keys.
    #[must_use]
    pub fn authenticator(&self) -> ApiKeyAuthenticator {
        ApiKeyAuthenticator::new(self.check.clone())
    }

    /// The store behind it: for reading usage and the audit trail.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn KeyStore> {
        &self.check.store
    }

    /// Whether a text is a key that works now, asked of the store: the key and its user.
    ///
    /// The networks it is bound to are the caller's to check: they are in the record.
    ///
    /// # Errors
    ///
    /// As [`ApiKeyAuthenticator`] says, except that every text that is no key of an accepted format
    /// is [`Structure`](remint_core::DeniedKind::Structure).
    pub async fn verify(&self, text: &str) -> Result<Verified<FoundKey>, Refusal> {
        self.check.verify(text).await
    }

    /// The key of this text and its user, whether it works or not: for whoever holds the text and wants it
    /// ended. To let somebody in by it, [`verify`](Self::verify) it.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer, or the pool of slow hashes is full.
    pub async fn known(&self, text: &str) -> Result<Option<FoundKey>, Unavailable> {
        self.check.known(text).await
    }

    /// The ids of peppers that live keys were hashed under and that are not here, in ascending order: those keys
    /// are answered with [`Unavailable`]. There are none at a start ([`Pairing`](crate::Pairing)); ask now and then,
    /// since another node may have newer ones. Those that wait to be used are not among them; by asking, this node says
    /// that it lacks them, and as long as it asks within ten minutes, no node uses them.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    pub async fn missing_peppers(&self) -> Result<Vec<String>, Unavailable> {
        self.check.object().await?;
        let absent = self.check.absent_schemes().await?;
        metrics::gauge!("remint_apikey_missing_peppers").set(u32::try_from(absent.len()).unwrap_or(u32::MAX));
        Ok(absent.iter().map(|scheme| Pepper::id_of(scheme).to_owned()).collect())
    }

    /// Writes into the store when keys were last used. Call it every few seconds and at shutdown;
    /// dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer; the next flush tries again.
    pub async fn flush(&self) -> Result<(), Unavailable> {
        self.check.last_used.flush(&*self.check.store).await
    }

    pub(crate) fn is_ended(&self, authentication: &Authentication) -> bool {
        self.revoker.refuses(authentication)
    }

    fn now(&self) -> Timestamp {
        self.check.clock.now()
    }
}
