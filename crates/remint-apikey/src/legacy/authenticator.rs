use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{
    Authentication, Authenticator, Clock, Credential, CredentialForm, DeniedKind, FoundKey, FoundUser, KeyDigest,
    Refusal, SystemClock, Unavailable, UserId, Verified,
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{LegacyKey, LegacyKeys};
use crate::authenticator::authentication;
use crate::check::{Pace, standing};
use crate::foreign::{Accepted, HashPool, ParsedKey, Pbkdf2, fast_digests};
use crate::{ForeignDigest, KeyFormat, TextFormat};

/// Authenticates the keys of another program's table, on a cache miss, without moving or changing them.
///
/// # What it says
///
/// As [`ApiKeyAuthenticator`](crate::ApiKeyAuthenticator) does, by the same code: what is not of the format is
/// none of its keys; a table that does not answer is [`Unavailable`](Refusal::Unavailable); an unknown key is
/// [`UnknownApiKey`](DeniedKind::UnknownApiKey), and so is one whose user is not there; then
/// [`Revoked`](DeniedKind::Revoked), [`Expired`](DeniedKind::Expired), [`UserDisabled`](DeniedKind::UserDisabled) and
/// [`TenantDisabled`](DeniedKind::TenantDisabled). Digests are compared in constant time, whatever the table
/// compares, and refusals cost the same look-ups. A salted digest (PBKDF2) is computed only of keys that would be
/// let in.
///
/// Nothing is written: no key is hashed again, and no use is recorded. A key whose text begins as one of ours
/// (`rmt_`) is left to our own store.
///
/// # What the deployment must guarantee
///
/// A change of the table is noticed when what was cached ends. To end a key at once, tell the edge as well:
/// `edge.revoke(Target::Key(id))`.
///
/// # Example
///
/// A table with the columns `id`, `sha256` (hexadecimal), `user_id` and `revoked`:
///
/// ```
/// use remint_apikey::{ForeignDigest, LegacyKey, LegacyKeyAuthenticator, LegacyKeys, LegacyUser};
/// use remint_core::{Unavailable, UnavailableKind, UserId};
/// # #[derive(Debug)]
/// # struct Row { id: String, sha256: String, user_id: String, revoked: bool }
/// # #[derive(Debug)]
/// # struct Database;
/// # impl Database {
/// #     async fn key(&self, _: &str) -> Result<Option<Row>, std::io::Error> { Ok(None) }
/// #     async fn is_active(&self, _: &str) -> Result<Option<bool>, std::io::Error> { Ok(None) }
/// # }
///
/// #[derive(Debug)]
/// struct Table(Database);
///
/// #[async_trait::async_trait]
/// impl LegacyKeys for Table {
///     async fn by_digest(&self, digest: &ForeignDigest) -> Result<Option<LegacyKey>, Unavailable> {
///         // SELECT id, sha256, user_id, revoked FROM keys WHERE sha256 = $1
///         let Some(row) = self.0.key(&digest.to_hex()).await.map_err(down)? else { return Ok(None) };
///         let held = ForeignDigest::parse("sha256", &row.sha256).map_err(down)?;
///         let (id, user) = (row.id.parse().map_err(down)?, row.user_id.parse().map_err(down)?);
///         Ok(Some(LegacyKey::new(id, user, held).with_revoked(row.revoked)))
///     }
///
///     async fn by_beginning(&self, _: &str) -> Result<Vec<LegacyKey>, Unavailable> {
///         Ok(Vec::new()) // there are no salted digests
///     }
///
///     async fn user(&self, id: &UserId) -> Result<Option<LegacyUser>, Unavailable> {
///         // SELECT active FROM users WHERE id = $1
///         let active = self.0.is_active(id.as_str()).await.map_err(down)?;
///         Ok(active.map(|active| LegacyUser::new(id.clone()).with_enabled(active)))
///     }
/// }
///
/// fn down(error: impl std::error::Error + Send + Sync + 'static) -> Unavailable {
///     Unavailable::new(UnavailableKind::Store).with_source(error)
/// }
///
/// # fn main() -> Result<(), remint_apikey::InvalidTextFormat> {
/// // Remint::builder(issuer, audience).authenticator(keys)
/// let keys = LegacyKeyAuthenticator::new(Table(Database), "opaque:sk_".parse()?);
/// # let _ = keys;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct LegacyKeyAuthenticator {
    table: Arc<dyn LegacyKeys>,
    format: Accepted,
    ours: KeyFormat,
    /// How many characters of an opaque text are public.
    public: Option<usize>,
    pool: HashPool,
    clock: Arc<dyn Clock>,
}

impl LegacyKeyAuthenticator {
    /// Over a table whose keys have texts of this format. [`TextFormat::Remint`] is our own store's: of it nothing
    /// is taken.
    #[must_use]
    pub fn new(table: impl LegacyKeys, format: TextFormat) -> Self {
        Self {
            table: Arc::new(table),
            format: Accepted::new(vec![format]),
            ours: KeyFormat::default(),
            public: None,
            pool: HashPool::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// The same, where the first so many characters of an opaque text are public and keys of salted digests are
    /// [found by them](LegacyKeys::by_beginning). Of `drf` it is the prefix, and this counts for nothing.
    #[must_use]
    pub const fn with_public_beginning(mut self, characters: usize) -> Self {
        self.public = Some(characters);
        self
    }

    /// With a clock of its own.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    async fn verify(&self, text: &str) -> Result<FoundKey, Refusal> {
        let pace = Pace::start();
        let presented = self.format.read(&self.ours, text).ok_or(DeniedKind::Structure)?;
        self.verdict(&presented).await?.map_err(|denied| {
            pace.hold();
            denied.into()
        })
    }

    /// Each text that is refused costs two look-ups by digest, one by its beginning where that is public, and one of
    /// a user.
    async fn verdict(&self, presented: &ParsedKey<'_>) -> Result<Result<FoundKey, DeniedKind>, Unavailable> {
        let mut verdict = None;
        for digest in fast_digests(presented.text) {
            let found = self.table.by_digest(&ForeignDigest::from_fast(digest.clone())).await?;
            if let (Some(key), None) = (found.filter(|key| answers(key, &digest)), &verdict) {
                let judged = self.judge(key).await?;
                if judged.is_ok() {
                    return Ok(judged);
                }
                verdict = Some(judged);
            }
        }
        let candidates = match self.beginning(presented) {
            Some(beginning) => self.table.by_beginning(beginning).await?,
            None => Vec::new(),
        };
        match verdict {
            Some(verdict) => Ok(verdict),
            None => self.slowly(presented.text, candidates).await,
        }
    }

    async fn slowly(
        &self,
        text: &str,
        candidates: Vec<LegacyKey>,
    ) -> Result<Result<FoundKey, DeniedKind>, Unavailable> {
        let is_slow = |key: &LegacyKey| Pbkdf2::of(&key.record().digest).is_some();
        let mut fit = Vec::new();
        for key in candidates.into_iter().filter(is_slow).take(MOST_CANDIDATES) {
            if let Ok(found) = self.judge(key).await? {
                fit.push(found);
            }
        }
        if fit.is_empty() {
            self.table.user(&nobody()?).await?;
            return Ok(Err(DeniedKind::UnknownApiKey));
        }
        let digests: Vec<_> = fit.iter().map(|found| found.key.digest.clone()).collect();
        let text = Zeroizing::new(text.to_owned());
        let matches = move |digest: &KeyDigest| Pbkdf2::of(digest).is_some_and(|hash| hash.matches(&text));
        let place = self.pool.run(move || digests.iter().position(matches)).await?;
        let found = place.map(|place| fit.swap_remove(place)).ok_or(DeniedKind::UnknownApiKey);
        // The hash took a while.
        Ok(found.and_then(|found| standing(&found, self.clock.now()).map(|()| found)))
    }

    /// The key with its user, if both may act.
    async fn judge(&self, key: LegacyKey) -> Result<Result<FoundKey, DeniedKind>, Unavailable> {
        let key = key.into_record();
        let Some(user) = self.table.user(&key.user).await?.filter(|user| user.is(&key.user)) else {
            return Ok(Err(DeniedKind::UnknownApiKey));
        };
        let FoundUser { user, tenant } = user.into_found();
        let found = FoundKey { key, user, tenant };
        Ok(standing(&found, self.clock.now()).map(|()| found))
    }

    fn beginning<'a>(&self, presented: &ParsedKey<'a>) -> Option<&'a str> {
        presented.slow_start.or_else(|| presented.text.get(..self.public?))
    }
}

#[async_trait]
impl Authenticator for LegacyKeyAuthenticator {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        let text = credential.expose_secret();
        let is_ours = self.ours.claims(text);
        if credential.form() != CredentialForm::ApiKey || is_ours || !self.format.claims(&self.ours, text) {
            return Ok(None);
        }
        let found = self.verify(text).await?;
        #[expect(clippy::disallowed_methods, reason = "the text's digest is the one the table holds")]
        Ok(Some(Verified::vouch(authentication(found))))
    }
}

/// A database compares as its collation says; this does not, and takes as long wherever the difference is.
fn answers(key: &LegacyKey, asked: &KeyDigest) -> bool {
    let held = &key.record().digest;
    held.scheme == asked.scheme && bool::from(held.bytes.ct_eq(&asked.bytes))
}

/// Who is asked for where there is no key, and so no user.
fn nobody() -> Result<UserId, Unavailable> {
    UserId::new("nobody").map_err(|error| Unavailable::new(remint_core::UnavailableKind::Internal).with_source(error))
}

/// As many as our own store gives.
const MOST_CANDIDATES: usize = 8;
