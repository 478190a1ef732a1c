use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method};
use remint_cache::{Fingerprint, Fingerprinter, MemoryTier, Negatives, Validity};
use remint_core::{
    Audience, Clock, Credential, CredentialForm, DeniedKind, Identity, IssuerId, Refusal, Slot, Target, Timestamp,
    Verified,
};
use remint_credential::{Extractor, RequestHead};
use remint_jwt::{Algorithm, Candidates, Jws};
use remint_revocation::{Issued, Moment, RevocationTable, Revocations, TableStamp};
use remint_token::{Expectations, Moments, identity};

use crate::keys::Keys;
use crate::middleware::{Outcome, Progress, Telemetry, Verifying, outcomes};
use crate::{Ended, VerifierBuilder, VerifyLayer};

/// Verifies internal tokens of one issuer for one audience. A clone is another handle.
#[derive(Clone)]
pub struct Verifier(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) audience: Audience,
    pub(crate) expected: Expectations,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) extractor: Extractor,
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) tier: MemoryTier<Arc<Identity>>,
    pub(crate) negatives: Negatives,
    /// `None`: no revocation is known here.
    pub(crate) revocations: Option<Revocations>,
    pub(crate) max_ttl: Duration,
    pub(crate) max_length: usize,
}

impl Verifier {
    /// The settings of a verifier: what must be named is the issuer, compared as the exact string,
    /// and the audience that this service is.
    pub fn builder(issuer: IssuerId, audience: Audience) -> VerifierBuilder {
        VerifierBuilder::new(issuer, audience)
    }

    /// The layer that requires a token of every request.
    pub fn layer(&self) -> VerifyLayer {
        VerifyLayer::new(self.clone())
    }

    /// Verifies one token, given by itself.
    ///
    /// # Errors
    ///
    /// [`Refusal::Denied`] if it is not an internal token of our issuer for our audience, valid
    /// now; [`Refusal::Unavailable`] if the key set that would tell cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Verified<Arc<Identity>>, Refusal> {
        let identity = TELEMETRY.counted(match self.begin_alone(token) {
            Ok(Progress::Cached(identity)) => Ok((identity, Outcome::Cached)),
            Ok(Progress::Verified(identity)) => Ok((identity, Outcome::Verified)),
            Ok(Progress::Waiting(verifying)) => verifying.await.map(|identity| (identity, Outcome::Verified)),
            Err(refusal) => Err(refusal),
        })?;
        #[expect(clippy::disallowed_methods, reason = "it was verified, now or when it was cached")]
        Ok(Verified::vouch(identity))
    }

    /// What is ready once the token that these headers present does not count any more: it has expired, or something
    /// that it names was revoked, as far as [revocations](VerifierBuilder::revocations) are known here. For handlers
    /// that hold a connection open. At an edge, the headers have the internal token once its layer was passed.
    ///
    /// The token is verified for it once more.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify), and [`DeniedKind::NoCredential`] if the headers present no token.
    pub async fn ended(&self, headers: &HeaderMap) -> Result<Ended, Refusal> {
        let head = RequestHead::new(&Method::GET, "/", headers);
        let presented = self.0.extractor.extract(head)?.presented.ok_or(DeniedKind::NoCredential)?;
        let credential = presented.check()?;
        self.0.stay_in_step().await?;
        let token = credential.expose_secret();
        let keys = self.0.keys(&self.0.examine(token)?.jws).await?;
        let read = self.0.read(self.0.examine(token)?, &keys)?;
        if self.0.has_ended(&read.targets, read.issued()).await? {
            return Err(DeniedKind::Revoked.into());
        }
        Ok(Ended::new(read.targets, read.moments, self.0.revocations.clone(), Arc::clone(&self.0.clock)))
    }

    /// The issuer whose tokens are accepted.
    #[must_use]
    pub fn issuer(&self) -> &IssuerId {
        self.0.expected.issuer()
    }

    /// The audience that this service is.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.0.audience
    }

    /// Verifies what a request presents, as far as that goes without waiting. `None`: it presents
    /// nothing.
    pub(crate) fn begin(&self, head: RequestHead<'_>) -> Result<Option<Progress<Identity>>, Refusal> {
        let Some(presented) = self.0.extractor.extract(head)?.presented else { return Ok(None) };
        let fingerprint = self.0.fingerprinter.fingerprint(presented.slot(), presented.expose_secret());
        if let Some(known) = self.0.recall(&fingerprint) {
            return known.map(|identity| Some(Progress::Cached(identity)));
        }
        self.begin_cold(presented.check()?, fingerprint).map(Some)
    }

    fn begin_alone(&self, token: &str) -> Result<Progress<Identity>, Refusal> {
        if token.len() > self.0.max_length {
            return Err(DeniedKind::TooLong.into());
        }
        let fingerprint = self.0.fingerprinter.fingerprint(Slot::Bearer, token.as_bytes());
        match self.0.recall(&fingerprint) {
            Some(known) => known.map(Progress::Cached),
            None => self.begin_cold(Credential::new(Slot::Bearer, CredentialForm::Jwt, token), fingerprint),
        }
    }

    fn begin_cold(&self, credential: Credential<'_>, fingerprint: Fingerprint) -> Result<Progress<Identity>, Refusal> {
        if !self.0.is_current() {
            return Ok(Progress::Waiting(self.wait(credential, fingerprint)));
        }
        let began = self.0.begin();
        let outcome = self.0.examine(credential.expose_secret()).and_then(|examined| {
            let keys = self.0.keys_at_hand(&examined.jws)?;
            keys.map(|keys| self.0.conclude(examined, &keys, fingerprint, began)).transpose()
        });
        match outcome {
            Ok(Some(identity)) => Ok(Progress::Verified(identity)),
            Ok(None) => Ok(Progress::Waiting(self.wait(credential, fingerprint))),
            Err(refusal) => Err(self.0.remember(refusal, fingerprint, began.stamp)),
        }
    }

    /// For the key, or for the log of revocations.
    fn wait(&self, credential: Credential<'_>, fingerprint: Fingerprint) -> Verifying<Identity> {
        let inner = Arc::clone(&self.0);
        let credential = credential.to_owned();
        Box::pin(async move {
            inner.stay_in_step().await?;
            if let Some(known) = inner.recall(&fingerprint) {
                return known;
            }
            let began = inner.begin();
            let outcome = inner.conclude_when_key_comes(credential.borrow(), fingerprint, began).await;
            outcome.map_err(|refusal| inner.remember(refusal, fingerprint, began.stamp))
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", self.issuer())
            .field("audience", self.audience())
            .field("algorithms", &self.0.algorithms)
            .field("keys", &self.0.keys)
            .finish_non_exhaustive()
    }
}

/// The moment from which on whatever is revoked makes the outcome dead.
#[derive(Debug, Clone, Copy)]
struct Began {
    stamp: TableStamp,
    at: Moment,
}

/// A token of which all is right but, perhaps, the signature and what it says of the caller.
struct Examined<'a> {
    jws: Jws<'a>,
    moments: Moments,
    now: Timestamp,
    use_until: Timestamp,
}

/// A token that verifies, of which it is left to ask what was revoked.
struct Read {
    identity: Arc<Identity>,
    targets: Vec<Target>,
    moments: Moments,
    now: Timestamp,
    use_until: Timestamp,
}

impl Read {
    fn issued(&self) -> Issued<'_> {
        Issued { at: self.moments.issued_at, rev: self.moments.rev.as_ref() }
    }
}

impl Inner {
    /// What is known of this credential already.
    fn recall(&self, fingerprint: &Fingerprint) -> Option<Result<Arc<Identity>, Refusal>> {
        let now = self.clock.now();
        if let Some(identity) = self.tier.get(fingerprint, now) {
            return Some(Ok(identity));
        }
        self.negatives.get(fingerprint, now).map(|kind| Err(kind.into()))
    }

    /// All that can be said of a token without a key: structure, type, algorithm and claims.
    fn examine<'a>(&self, token: &'a str) -> Result<Examined<'a>, Refusal> {
        let jws = Jws::parse(token)?;
        let now = self.clock.now();
        let moments = self.expected.check(&jws, now)?;
        if !self.algorithms.contains(&jws.header().algorithm()) {
            return Err(DeniedKind::Algorithm.into());
        }
        let use_until = moments.expires_at.min(now.saturating_add(self.max_ttl));
        Ok(Examined { jws, moments, now, use_until })
    }

    /// The keys that may have signed it, if nobody has to be asked for them.
    pub(crate) fn keys_at_hand(&self, jws: &Jws<'_>) -> Result<Option<Candidates>, Refusal> {
        let header = jws.header();
        match &self.keys {
            Keys::Remote(keys) => Ok(keys.current_keys(header.key_id(), header.algorithm())),
            Keys::Local(keys) => match keys.find(header.key_id(), header.algorithm()) {
                Ok(keys) => Ok(Some(keys)),
                Err(error) => Err(DeniedKind::from(error).into()),
            },
        }
    }

    /// The keys, though the issuer may have to be asked for them.
    pub(crate) async fn keys(&self, jws: &Jws<'_>) -> Result<Candidates, Refusal> {
        if let Some(keys) = self.keys_at_hand(jws)? {
            return Ok(keys);
        }
        let header = jws.header();
        match &self.keys {
            Keys::Remote(keys) => Ok(keys.keys(header.key_id(), header.algorithm()).await?),
            Keys::Local(_) => Err(DeniedKind::UnknownKeyId.into()),
        }
    }

    async fn conclude_when_key_comes(
        &self,
        credential: Credential<'_>,
        fingerprint: Fingerprint,
        began: Began,
    ) -> Result<Arc<Identity>, Refusal> {
        let token = credential.expose_secret();
        let keys = self.keys(&self.examine(token)?.jws).await?;
        // It may have expired meanwhile.
        let read = self.read(self.examine(token)?, &keys)?;
        if self.has_ended(&read.targets, read.issued()).await? {
            return Err(DeniedKind::Revoked.into());
        }
        Ok(self.keep(read, fingerprint, began))
    }

    /// Everything whose revocation ends this token.
    fn targets(&self, identity: &Identity, moments: &Moments) -> Vec<Target> {
        let mut targets = identity.targets();
        targets.push(Target::Token { issuer: self.expected.issuer().clone(), id: moments.id.clone() });
        targets
    }

    /// Whether something that a token names was ended since it was issued, though the log may have to be asked.
    pub(crate) async fn has_ended(&self, targets: &[Target], issued: Issued<'_>) -> Result<bool, Refusal> {
        match &self.revocations {
            Some(revocations) => Ok(revocations.ended(targets, issued).await?),
            None => Ok(false),
        }
    }

    /// The same, where the log need not be asked.
    pub(crate) fn is_ended<'a>(&self, targets: &[Target], issued: impl Into<Issued<'a>>) -> bool {
        self.revocations.as_ref().is_some_and(|revocations| revocations.table().ended(targets, issued))
    }

    /// Whether what is known of revocations is recent and exact. If not, [`stay_in_step`](Self::stay_in_step) is to be
    /// awaited, and the log to be asked.
    pub(crate) fn is_current(&self) -> bool {
        let is_current = |table: &RevocationTable| table.is_current() && !table.is_coarse();
        self.revocations.as_ref().is_none_or(|revocations| is_current(revocations.table()))
    }

    pub(crate) async fn stay_in_step(&self) -> Result<(), Refusal> {
        match &self.revocations {
            Some(revocations) => Ok(revocations.stay_in_step().await?),
            None => Ok(()),
        }
    }

    fn begin(&self) -> Began {
        let table = self.revocations.as_ref().map(Revocations::table);
        let at = table.map(|table| table.moment()).unwrap_or_default();
        Began { stamp: table.map(|table| table.stamp()).unwrap_or_default(), at }
    }

    /// Verifies the signature, reads the identity, asks what was revoked, and keeps it.
    fn conclude(
        &self,
        examined: Examined<'_>,
        keys: &Candidates,
        fingerprint: Fingerprint,
        began: Began,
    ) -> Result<Arc<Identity>, Refusal> {
        let read = self.read(examined, keys)?;
        if self.is_ended(&read.targets, read.issued()) {
            return Err(DeniedKind::Revoked.into());
        }
        Ok(self.keep(read, fingerprint, began))
    }

    /// Verifies the signature and reads the identity.
    fn read(&self, examined: Examined<'_>, keys: &Candidates) -> Result<Read, Refusal> {
        let Examined { jws, moments, use_until, now } = examined;
        let identity = Arc::new(identity(jws.verify(keys)?.into_inner())?);
        let targets = self.targets(&identity, &moments);
        Ok(Read { identity, targets, moments, now, use_until })
    }

    fn keep(&self, read: Read, fingerprint: Fingerprint, began: Began) -> Arc<Identity> {
        let Read { identity, targets, now, use_until, .. } = read;
        if use_until > now {
            let validity = Validity { use_until, stamp: began.stamp, authenticated: began.at };
            self.tier.insert(fingerprint, Arc::clone(&identity), validity, &targets, now);
        }
        identity
    }

    fn remember(&self, refusal: Refusal, fingerprint: Fingerprint, stamp: TableStamp) -> Refusal {
        if let Refusal::Denied(denied) = &refusal {
            self.negatives.insert(fingerprint, denied.kind(), stamp, self.clock.now());
        }
        refusal
    }
}

/// A token that is given by itself is counted as a request is.
pub(crate) const TELEMETRY: Telemetry = Telemetry {
    count: outcomes!("remint_verify_total", "anonymous"),
    denied: "an internal token was refused",
    unavailable: "an internal token cannot be verified",
};
