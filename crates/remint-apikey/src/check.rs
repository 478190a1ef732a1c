use std::sync::Arc;

use remint_core::{Clock, DeniedKind, FoundKey, KeyDigest, Refusal, Unavailable, Verified};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::foreign::{Accepted, HashPool, ParsedKey, Pbkdf2, fast_digests};
use crate::last_used::LastUsed;
use crate::{KeyFormat, KeyStore, Peppers};

mod absent;
mod pace;
mod renew;
mod standing;
mod under;

pub(crate) use self::pace::Pace;
pub(crate) use self::standing::standing;
pub(crate) use self::under::Seen;

/// Decides whether a text is a key that works now.
#[derive(Debug, Clone)]
pub(crate) struct KeyCheck {
    pub(crate) store: Arc<dyn KeyStore>,
    pub(crate) peppers: Peppers,
    pub(crate) format: KeyFormat,
    pub(crate) accepted: Accepted,
    pub(crate) pool: HashPool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) last_used: Arc<LastUsed>,
    pub(crate) seen: Arc<Seen>,
}

impl KeyCheck {
    /// The key and its user, if and only if the text is of an accepted format, the store holds a
    /// digest of it, and the key is neither revoked nor at its end, nor its user disabled.
    ///
    /// Every text that is refused after parsing costs the same look-ups, those that its format asks
    /// for, and leaves at a [pace](Pace), so that the time does not tell a revoked key from one that
    /// never was. A slow hash is made of keys only that would be let in.
    pub(crate) async fn verify(&self, text: &str) -> Result<Verified<FoundKey>, Refusal> {
        let pace = Pace::start();
        let presented = self.read(text).ok_or(DeniedKind::Structure)?;
        let mut found = match self.verdict(&presented).await? {
            Ok(found) => found,
            Err(denied) => {
                pace.hold();
                return Err(denied.into());
            }
        };
        self.renew(text, &mut found.key).await;
        self.last_used.record(&found.key.id, self.clock.now());
        #[expect(clippy::disallowed_methods, reason = "the text's digest is the one the store holds")]
        Ok(Verified::vouch(found))
    }

    /// Whether a text means to be a key of an accepted format.
    pub(crate) fn claims(&self, text: &str) -> bool {
        self.accepted.claims(&self.format, text)
    }

    /// The key of this text and its user, whether it works or not.
    pub(crate) async fn known(&self, text: &str) -> Result<Option<FoundKey>, Unavailable> {
        let Some(presented) = self.read(text) else { return Ok(None) };
        for digest in self.digests(&presented) {
            let found = self.store.find(&digest).await?;
            if let Some(found) = found.filter(|found| answers(found, &digest, &presented)) {
                return Ok(Some(found));
            }
        }
        let candidates = self.candidates(&presented).await?;
        let found = match self.moved(&presented).await? {
            Some(found) => Some(found),
            None => self.slowly(text, candidates).await?,
        };
        if found.is_none() {
            self.is_not_absent(&presented, &self.absent_schemes().await?).await?;
        }
        Ok(found)
    }

    async fn verdict(&self, presented: &ParsedKey<'_>) -> Result<Result<FoundKey, DeniedKind>, Unavailable> {
        let mut verdict = Err(DeniedKind::UnknownApiKey);
        for digest in self.digests(presented) {
            let found = self.store.find(&digest).await?;
            if matches!(verdict, Err(DeniedKind::UnknownApiKey))
                && let Some(found) = found.filter(|found| answers(found, &digest, presented))
            {
                verdict = self.judge(found);
            }
            if verdict.is_ok() {
                return Ok(verdict);
            }
        }
        let mut candidates = self.candidates(presented).await?;
        let moved = self.moved(presented).await?;
        // For whatever is refused, so that all of it costs the same.
        let absent = self.absent_schemes().await?;
        if !matches!(verdict, Err(DeniedKind::UnknownApiKey)) {
            return Ok(verdict);
        }
        if let Some(found) = moved {
            verdict = self.judge(found);
        } else {
            candidates.retain(|found| self.standing(found).is_ok());
            if let Some(found) = self.slowly(presented.text, candidates).await? {
                // It took a while.
                verdict = self.judge(found);
            } else {
                self.is_not_absent(presented, &absent).await?;
            }
        }
        Ok(verdict)
    }

    fn read<'a>(&self, text: &'a str) -> Option<ParsedKey<'a>> {
        self.accepted.read(&self.format, text)
    }

    /// What a text may be looked up by: ours under each pepper, and of another system's texts what
    /// that system may have kept. A text of ours is never looked for under a scheme without a key.
    fn digests(&self, presented: &ParsedKey<'_>) -> impl Iterator<Item = KeyDigest> {
        let ParsedKey { text, .. } = *presented;
        let foreign = presented.is_foreign().then(|| fast_digests(text));
        self.peppers.iter().map(move |pepper| pepper.digest(text)).chain(foreign.into_iter().flatten())
    }

    /// The key under each pepper, asked for once more: another use may have [hashed it anew](Self::renew) behind the
    /// look-ups, and out of the place they came to. No key of ours moves to the last pepper after it was looked for
    /// under the others.
    async fn moved(&self, presented: &ParsedKey<'_>) -> Result<Option<FoundKey>, Unavailable> {
        let places = self.peppers.iter().count() - usize::from(!presented.is_foreign());
        let mut moved = None;
        for pepper in self.peppers.iter().take(places) {
            let digest = pepper.digest(presented.text);
            let found = self.store.find(&digest).await?;
            moved = moved.or(found.filter(|found| answers(found, &digest, presented)));
        }
        Ok(moved)
    }

    /// The keys of a slow scheme that may be meant.
    async fn candidates(&self, presented: &ParsedKey<'_>) -> Result<Vec<FoundKey>, Unavailable> {
        let Some(start) = presented.slow_start else { return Ok(Vec::new()) };
        let mut found = self.store.candidates(Pbkdf2::SCHEME, start).await?;
        found.retain(|found| found.key.start == start && Pbkdf2::of(&found.key.digest).is_some());
        Ok(found)
    }

    /// The candidate whose text this is.
    async fn slowly(&self, text: &str, mut candidates: Vec<FoundKey>) -> Result<Option<FoundKey>, Unavailable> {
        if candidates.is_empty() {
            return Ok(None);
        }
        let digests: Vec<_> = candidates.iter().map(|found| found.key.digest.clone()).collect();
        let text = Zeroizing::new(text.to_owned());
        let matches = move |digest: &KeyDigest| Pbkdf2::of(digest).is_some_and(|hash| hash.matches(&text));
        let place = self.pool.run(move || digests.iter().position(matches)).await?;
        Ok(place.map(|place| candidates.swap_remove(place)))
    }

    fn judge(&self, found: FoundKey) -> Result<FoundKey, DeniedKind> {
        self.standing(&found).map(|()| found)
    }

    fn standing(&self, found: &FoundKey) -> Result<(), DeniedKind> {
        standing(found, self.clock.now())
    }
}

/// Whether the store gave what it was asked for. A look-up compares as databases do (with a
/// collation, perhaps, or a prefix); this does not, and takes as long wherever the difference is.
fn answers(found: &FoundKey, asked: &KeyDigest, presented: &ParsedKey<'_>) -> bool {
    let same_bytes = found.key.digest.bytes.ct_eq(&asked.bytes);
    let same_environment = presented.environment.is_none_or(|environment| found.key.environment == environment);
    bool::from(same_bytes) && found.key.digest.scheme == asked.scheme && same_environment
}
