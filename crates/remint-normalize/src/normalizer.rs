use std::sync::Arc;

use remint_cache::Fingerprint;
use remint_core::{Audience, CredentialForm, Denied, Environment, Exchanger, IssuerId, Timestamp, TokenIssuer};
use remint_credential::{Extractor, HeaderLines, RawCredential, Removals, RequestHead};
use remint_dpop::DpopVerifier;
use tokio::runtime::Handle;

use crate::failures::Failed;
use crate::line::Line;
use crate::source::Source;
use crate::{Authority, NormalizerBuilder, Pass, PendingPass, Rejection, bound, telemetry};

/// Checks a credential once and exchanges it for one internal token. Clones share everything.
#[derive(Debug, Clone)]
pub struct Normalizer {
    line: Arc<Line>,
}

/// How far a request has come without waiting.
#[derive(Debug)]
pub enum Progress {
    /// It presents no credential. Whether that may pass is for the surface to say.
    Anonymous(Removals),
    /// Its credential is remembered, and this request may use it.
    Hit(Pass, Removals),
    /// Its credential must be checked; or it is remembered, and the proof that came with it must be checked for
    /// its first use.
    Miss(PendingPass, Removals),
    /// Its credential may not be used.
    Rejected(Rejection),
}

impl Normalizer {
    /// A builder for a line that mints tokens of `issuer_id` for `audience`.
    pub fn builder(issuer_id: IssuerId, audience: Audience, issuer: impl TokenIssuer) -> NormalizerBuilder {
        NormalizerBuilder::new(issuer_id, audience, Source::Local(Arc::new(issuer)))
    }

    /// A builder for a line without keys of its own: `exchanger` brings tokens of `issuer_id` for
    /// `audience` from a server.
    pub fn exchanging(issuer_id: IssuerId, audience: Audience, exchanger: impl Exchanger) -> NormalizerBuilder {
        NormalizerBuilder::new(issuer_id, audience, Source::Remote(Arc::new(exchanger)))
    }

    /// The miss by itself, for a token endpoint; `None` if a server does that work.
    #[must_use]
    pub fn authority(&self) -> Option<&Authority> {
        match &self.line.source {
            Source::Local(authority) => Some(authority),
            Source::Remote(_) => None,
        }
    }

    /// What checks the proofs of tokens that are bound to a key; `None` if none is taken. A surface says so
    /// in its challenges.
    #[must_use]
    pub fn dpop(&self) -> Option<&DpopVerifier> {
        self.line.dpop.as_ref()
    }

    /// The environment that is demanded of every credential; `None`: either.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        self.line.environment
    }

    pub(crate) fn new(line: Line) -> Self {
        Self { line: Arc::new(line) }
    }

    /// What finds the credential of a request, and knows what to remove before it goes on.
    #[must_use]
    #[inline]
    pub fn extractor(&self) -> &Extractor {
        &self.line.extractor
    }

    /// Goes as far as is possible without waiting; a hit is answered here. It counts credentials that fail, and
    /// no outcomes: whether a request passes is for the surface to say.
    ///
    /// Call it within a Tokio runtime: work that has to wait goes on in a task there, from here on.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, if a miss has to wait.
    #[inline]
    pub fn begin<H: HeaderLines + ?Sized>(&self, head: RequestHead<'_, H>) -> Progress {
        self.begin_on(head, None)
    }

    /// The same, with this runtime for the work that has to wait; `None`: the one that it is called within. The
    /// [`PendingPass`] is then polled within the runtime too ([`Handle::enter`]).
    ///
    /// # Panics
    ///
    /// Without a runtime, if a miss has to wait.
    #[inline]
    pub fn begin_on<H: HeaderLines + ?Sized>(&self, head: RequestHead<'_, H>, runtime: Option<&Handle>) -> Progress {
        let extraction = match self.line.extractor.extract(head) {
            Ok(extraction) => extraction,
            Err(denied) => return self.reject(denied, None, head, None),
        };
        let removals = extraction.removals;
        let Some(presented) = extraction.presented else { return Progress::Anonymous(removals) };
        let fingerprint = self.line.fingerprinter.fingerprint(presented.slot(), presented.expose_secret());
        let now = self.line.now();
        match self.line.memory.get(&fingerprint, now) {
            Some(pass) => {
                telemetry::hit();
                if let Err(kind) = self.line.admit(&pass, head.client) {
                    let text = std::str::from_utf8(presented.expose_secret()).ok();
                    return self.reject(kind.into(), pass.form(presented.slot()), head, text);
                }
                if pass.is_to_be_proven(presented.slot()) {
                    return self.hit_of_sender(pass, presented, head, removals);
                }
                Progress::Hit(pass, removals)
            }
            None => {
                let miss = Miss { presented, fingerprint, removals, now };
                self.miss(miss, head, runtime)
            }
        }
    }

    #[cold]
    fn miss<H: HeaderLines + ?Sized>(
        &self,
        miss: Miss<'_>,
        head: RequestHead<'_, H>,
        runtime: Option<&Handle>,
    ) -> Progress {
        let credential = match miss.presented.check() {
            Ok(credential) => credential,
            Err(denied) => return self.reject(denied, None, head, None),
        };
        if let Some(kind) = self.line.negatives.get(&miss.fingerprint, miss.now) {
            telemetry::negative_hit();
            return self.reject(kind.into(), Some(credential.form()), head, Some(credential.expose_secret()));
        }
        telemetry::miss();
        let _within = runtime.map(Handle::enter);
        Progress::Miss(PendingPass::start(&self.line, miss.fingerprint, credential.to_owned(), head), miss.removals)
    }

    /// A hit that depends on the sender of this request, and never on the sender of the last one.
    #[cold]
    fn hit_of_sender<H: HeaderLines + ?Sized>(
        &self,
        pass: Pass,
        presented: RawCredential<'_>,
        head: RequestHead<'_, H>,
        removals: Removals,
    ) -> Progress {
        match bound::check_sender(&self.line, &pass, head, presented.slot(), presented.expose_secret()) {
            Ok(None) => Progress::Hit(pass, removals),
            Ok(Some(proven)) => {
                Progress::Miss(PendingPass::spend(&self.line, pass, proven, presented.slot(), head), removals)
            }
            Err(kind) => {
                let text = std::str::from_utf8(presented.expose_secret()).ok();
                self.reject(kind.into(), pass.form(presented.slot()), head, text)
            }
        }
    }

    #[cold]
    fn reject<H: ?Sized>(
        &self,
        denied: Denied,
        form: Option<CredentialForm>,
        head: RequestHead<'_, H>,
        text: Option<&str>,
    ) -> Progress {
        Progress::Rejected(self.line.reject(denied, Failed { address: head.counted_address(), form, text }))
    }

    /// How many bytes the cached entries weigh, and how many there are.
    #[must_use]
    pub fn cache_usage(&self) -> (u64, u64) {
        self.line.memory.usage()
    }
}

/// A credential that is not remembered.
struct Miss<'h> {
    presented: RawCredential<'h>,
    fingerprint: Fingerprint,
    removals: Removals,
    now: Timestamp,
}
