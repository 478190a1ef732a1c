use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use remint_cache::Fingerprint;
use remint_core::{
    Audience, CredentialForm, Denied, Environment, Exchanger, IssuerId, Refusal, Timestamp, TokenIssuer,
};
use remint_credential::{HeaderLines, RawCredential, Removals, RequestHead};
use remint_dpop::DpopVerifier;

use crate::builder::Minter;
use crate::failures::Failed;
use crate::line::{Line, Source};
use crate::{Authority, Exchange, NormalizerBuilder, Pass, bound, telemetry};

/// Checks a credential once and exchanges it for one internal token. Clones share everything.
#[derive(Debug, Clone)]
pub struct Normalizer {
    line: Arc<Line>,
}

/// How far a request has come without waiting.
#[derive(Debug)]
pub enum Begun {
    /// It presents no credential. Whether that may pass is the surface's to say.
    Anonymous(Removals),
    /// Its credential was checked a moment ago, and may be used by this request.
    Hit(Pass, Removals),
    /// Its credential must be checked, or, if it was a moment ago, whether the proof that came with it is used
    /// for the first time.
    Miss(Exchange, Removals),
    /// It is refused.
    Refused(Refusal),
}

impl Normalizer {
    /// A builder for a line that mints tokens of `issuer_id` for `audience`.
    pub fn builder(issuer_id: IssuerId, audience: Audience, issuer: impl TokenIssuer) -> NormalizerBuilder {
        NormalizerBuilder::new(issuer_id, audience, Minter::Issuer(Arc::new(issuer)))
    }

    /// A builder for a line without keys of its own: `exchanger` brings tokens of `issuer_id` for
    /// `audience` from a server.
    pub fn exchanging(issuer_id: IssuerId, audience: Audience, exchanger: impl Exchanger) -> NormalizerBuilder {
        NormalizerBuilder::new(issuer_id, audience, Minter::Exchanger(Arc::new(exchanger)))
    }

    /// The miss by itself, for a token endpoint; `None` if a server does that work.
    #[must_use]
    pub fn authority(&self) -> Option<&Authority> {
        match &self.line.source {
            Source::Authority(authority) => Some(authority),
            Source::Exchanger(..) => None,
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

    /// Goes as far as is possible without waiting; a hit is answered here.
    ///
    /// Call it within a Tokio runtime: work that has to wait goes on in a task there, from here on.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, if a miss has to wait.
    #[inline]
    pub fn begin<H: HeaderLines + ?Sized>(&self, head: RequestHead<'_, H>) -> Begun {
        let extraction = match self.line.extractor.extract(head) {
            Ok(extraction) => extraction,
            Err(denied) => return self.refuse(denied, None, head, None),
        };
        let removals = extraction.removals;
        let Some(presented) = extraction.presented else { return Begun::Anonymous(removals) };
        let fingerprint = self.line.fingerprinter.fingerprint(presented.slot(), presented.expose_secret());
        let now = self.line.now();
        match self.line.memory.get(&fingerprint, now) {
            Some(pass) => {
                telemetry::hit();
                if let Err(kind) = self.line.admit(&pass, head.client) {
                    let form = telemetry::form_of(pass.identity());
                    return self.refuse(kind.into(), form, head, std::str::from_utf8(presented.expose_secret()).ok());
                }
                if pass.is_to_be_proven(presented.slot()) {
                    return self.hit_of_sender(pass, presented, head, removals);
                }
                telemetry::allowed(pass.identity());
                Begun::Hit(pass, removals)
            }
            None => self.miss(presented, fingerprint, head, now, removals),
        }
    }

    #[cold]
    fn miss<H: HeaderLines + ?Sized>(
        &self,
        presented: RawCredential<'_>,
        fingerprint: Fingerprint,
        head: RequestHead<'_, H>,
        now: Timestamp,
        removals: Removals,
    ) -> Begun {
        let credential = match presented.check() {
            Ok(credential) => credential,
            Err(denied) => return self.refuse(denied, None, head, None),
        };
        if let Some(kind) = self.line.negatives.get(&fingerprint, now) {
            telemetry::negative_hit();
            return self.refuse(kind.into(), Some(credential.form()), head, Some(credential.expose_secret()));
        }
        telemetry::miss();
        Begun::Miss(Exchange::start(&self.line, fingerprint, credential.to_owned(), head), removals)
    }

    /// A hit that depends on the sender of this request, and never on the sender of the last one.
    #[cold]
    fn hit_of_sender<H: HeaderLines + ?Sized>(
        &self,
        pass: Pass,
        presented: RawCredential<'_>,
        head: RequestHead<'_, H>,
        removals: Removals,
    ) -> Begun {
        match bound::check_sender(&self.line, &pass, head, presented.slot(), presented.expose_secret()) {
            Ok(None) => {
                telemetry::allowed(pass.identity());
                Begun::Hit(pass, removals)
            }
            Ok(Some(proven)) => {
                Begun::Miss(Exchange::spend(&self.line, pass, proven, presented.slot(), head), removals)
            }
            Err(kind) => self.refuse(kind.into(), telemetry::form_of(pass.identity()), head, None),
        }
    }

    #[cold]
    fn refuse<H: ?Sized>(
        &self,
        denied: Denied,
        form: Option<CredentialForm>,
        head: RequestHead<'_, H>,
        text: Option<&str>,
    ) -> Begun {
        Begun::Refused(self.line.refuse(denied, Failed { address: head.counted_address(), form, text }))
    }

    /// Makes a request's headers ready to go on: everything that could be taken for an identity is
    /// removed, and `Authorization` is the internal token, or nothing.
    #[inline]
    pub fn forward(&self, headers: &mut HeaderMap, removals: Removals, pass: Option<&Pass>) {
        self.line.extractor.strip(headers, removals);
        match pass {
            Some(pass) => {
                headers.insert(AUTHORIZATION, pass.authorization().clone());
            }
            None => {
                headers.remove(AUTHORIZATION);
            }
        }
    }

    /// Counts a request that a surface lets pass without a credential.
    pub fn passed_anonymous(&self) {
        telemetry::anonymous();
    }

    /// Counts and logs a refusal that a surface decides by itself, such as a missing scope.
    pub fn refused(&self, denied: Denied) {
        telemetry::refused(&denied.into(), None, None);
    }

    /// The same, with what an operator can do about it in the log line.
    pub fn refused_with_hint(&self, denied: Denied, hint: &'static str) {
        telemetry::refused(&denied.into(), None, Some(hint));
    }

    /// How many bytes the cached entries weigh, and how many there are.
    #[must_use]
    pub fn cache_usage(&self) -> (u64, u64) {
        self.line.memory.usage()
    }
}
