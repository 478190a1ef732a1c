use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use remint_core::{Clock, DeniedKind, ReplayStore, SystemClock, Timestamp};
use remint_jwt::{Algorithm, Claims, JwtError, SelfSigned, TimeRule};
use sha2::{Digest, Sha256};

use crate::proof::replay_key;
use crate::public_url::{PublicUrl, has_dot_segment};
use crate::{InvalidPublicUrl, Nonces, ProofRequest, Proven};

/// Checks DPoP proofs. The crate's documentation has the decision. Clones share everything.
#[derive(Debug, Clone)]
pub struct DpopVerifier {
    settings: Arc<Settings>,
}

#[derive(Debug, Clone)]
struct Settings {
    public_url: PublicUrl,
    algorithms: Vec<Algorithm>,
    max_age: Duration,
    leeway: Duration,
    nonces: Option<Nonces>,
    replays: Arc<dyn ReplayStore>,
    clock: Arc<dyn Clock>,
}

impl DpopVerifier {
    /// A verifier for requests to `public_url` (`https://api.example`, with a path if all of ours begin with
    /// it), as clients write it. Neither `Host` nor a forwarded header has a say in it.
    ///
    /// `replays` is shared by all nodes that serve this URL.
    ///
    /// # Errors
    ///
    /// [`InvalidPublicUrl`].
    pub fn new(public_url: &str, replays: impl ReplayStore) -> Result<Self, InvalidPublicUrl> {
        Ok(Self {
            settings: Arc::new(Settings {
                public_url: PublicUrl::parse(public_url)?,
                algorithms: vec![Algorithm::Es256, Algorithm::Es384, Algorithm::EdDSA],
                max_age: Duration::from_secs(60),
                leeway: Duration::from_secs(10),
                nonces: None,
                replays: Arc::new(replays),
                clock: Arc::new(SystemClock),
            }),
        })
    }

    /// The algorithms that a proof may be signed with: ES256, ES384 and EdDSA unless set. Strangers choose the
    /// key, and RSA keys can be chosen to be slow.
    #[must_use]
    pub fn with_algorithms(self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.with(|settings| settings.algorithms = algorithms.into_iter().collect())
    }

    /// How old a proof may be: a minute unless set. Each use is remembered for as long, and the leeway.
    #[must_use]
    pub fn with_max_age(self, max_age: Duration) -> Self {
        self.with(|settings| settings.max_age = max_age)
    }

    /// How far a client's clock may be ahead, and those of our nodes apart: ten seconds unless set.
    #[must_use]
    pub fn with_leeway(self, leeway: Duration) -> Self {
        self.with(|settings| settings.leeway = leeway)
    }

    /// Demands a nonce of ours in each proof (RFC 9449 §9), so that none can be made in advance.
    #[must_use]
    pub fn with_nonces(self, nonces: Nonces) -> Self {
        self.with(|settings| settings.nonces = Some(nonces))
    }

    /// Where the time comes from.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.with(|settings| settings.clock = clock.into_arc())
    }

    /// The algorithms that a proof may be signed with.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.settings.algorithms
    }

    /// The nonce of this moment, for the header `DPoP-Nonce`; `None` if none is demanded.
    #[must_use]
    pub fn nonce(&self) -> Option<HeaderValue> {
        let nonce = self.settings.nonces.as_ref()?.at(self.settings.clock.now());
        HeaderValue::try_from(nonce).ok()
    }

    /// Checks the proof of a request that presents `token`, which is bound to the key of the thumbprint
    /// `jkt`: all that can be said without waiting. It must then be [spent](Proven::spend).
    ///
    /// # Errors
    ///
    /// [`DeniedKind::DotSegment`] if the request's path has a segment `.` or `..`, plain or percent-encoded,
    /// whatever the proof says; [`DeniedKind::DpopProof`]; [`DeniedKind::DpopNonce`] if all is well but for the nonce.
    pub fn check(
        &self,
        request: ProofRequest<'_>,
        token: impl AsRef<[u8]>,
        jkt: &[u8; 32],
    ) -> Result<Proven, DeniedKind> {
        if has_dot_segment(request.path) {
            return Err(DeniedKind::DotSegment);
        }
        let now = self.settings.clock.now();
        let proof = SelfSigned::parse(request.proof()?).map_err(unsound)?;
        let is_proof = proof.header().token_type() == Some(TYPE);
        let key = proof.key().thumbprint_bytes();
        if !is_proof || !self.settings.algorithms.contains(&proof.header().algorithm()) || key != *jkt {
            return Err(DeniedKind::DpopProof);
        }
        let claims = proof.unverified_claims();
        let issued_at = self.settings.is_of_now(claims, now)?;
        let name = replay_key(&key, name(claims)?);
        let is_of_request = text(claims, "htm")? == request.method.as_str()
            && self.settings.public_url.names(text(claims, "htu")?, request.path);
        let is_of_token = claims.sha256("ath").map_err(unsound)? == Some(Sha256::digest(token).into());
        if !is_of_request || !is_of_token {
            return Err(DeniedKind::DpopProof);
        }
        let claims = proof.verify().map_err(unsound)?;
        if let Some(nonces) = &self.settings.nonces {
            let nonce = claims.get().get("nonce").and_then(|nonce| nonce.as_str());
            if !nonce.is_some_and(|nonce| nonces.is_recent(nonce, now)) {
                return Err(DeniedKind::DpopNonce);
            }
        }
        let fresh_until = issued_at.saturating_add(self.settings.max_age);
        let remember_until = fresh_until.saturating_add(self.settings.leeway);
        let (replays, clock) = (Arc::clone(&self.settings.replays), Arc::clone(&self.settings.clock));
        Ok(Proven { name, fresh_until, remember_until, replays, clock })
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Settings {
    /// When it was made, if that was a moment ago and it has not ended.
    fn is_of_now(&self, claims: &Claims, now: Timestamp) -> Result<Timestamp, DeniedKind> {
        let rule = TimeRule::new().with_leeway(self.leeway).with_max_age(self.max_age);
        let issued_at = rule.end(claims, now).and_then(|_| rule.beginning(claims, now));
        issued_at.ok().flatten().ok_or(DeniedKind::DpopProof)
    }
}

fn name(claims: &Claims) -> Result<&str, DeniedKind> {
    let jti = text(claims, "jti")?;
    if (1..=MAX_JTI_LEN).contains(&jti.len()) { Ok(jti) } else { Err(DeniedKind::DpopProof) }
}

fn text<'c>(claims: &'c Claims, name: &str) -> Result<&'c str, DeniedKind> {
    claims.get(name).and_then(|value| value.as_str()).ok_or(DeniedKind::DpopProof)
}

fn unsound(_: JwtError) -> DeniedKind {
    DeniedKind::DpopProof
}

const TYPE: &str = "dpop+jwt";
const MAX_JTI_LEN: usize = 256;
