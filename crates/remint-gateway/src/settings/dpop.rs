use std::ops::RangeInclusive;
use std::time::Duration;

use remint::{Algorithm, DpopVerifier, InvalidPublicUrl, MemoryReplays, Nonces, ReplayStore};

use super::secret::Secret;
use super::section::Section;

/// `[dpop]`: tokens that are bound to a key of the client (RFC 9449), with a proof in each request.
#[derive(Debug, Clone)]
pub(crate) struct DpopSettings {
    public_url: String,
    algorithms: Vec<Algorithm>,
    max_age: Duration,
    leeway: Duration,
    nonces: Option<Nonces>,
}

impl DpopSettings {
    /// `None`: a bound token is refused.
    pub(super) fn read(mut section: Section<'_, '_>, public_url: &str) -> Option<Self> {
        let enabled = section.or("enabled", false);
        let algorithms = section.or("algorithms", vec![Algorithm::Es256, Algorithm::Es384, Algorithm::EdDSA]);
        let max_age = section.or("max_age", Duration::from_secs(60));
        let leeway = section.or("leeway", Duration::from_secs(10));
        let secret = section.optional::<Secret>("nonce_secret", "no nonces are asked for");
        if algorithms.is_empty() {
            section.problem(&algorithms.origin, "`dpop.algorithms` is empty: no proof could be signed");
        }
        if !MAX_AGE.contains(&*max_age) {
            section.problem(&max_age.origin, "`dpop.max_age`: between 1s and 10m");
        }
        if *leeway > MAX_LEEWAY {
            section.problem(&leeway.origin, "`dpop.leeway`: at most 1m");
        }
        let nonces = secret.and_then(|secret| {
            let nonces = Nonces::new(secret.expose_secret().as_bytes());
            nonces.map_err(|error| section.problem(&secret.origin, format!("`dpop.nonce_secret`: {error}"))).ok()
        });
        let settings = Self {
            public_url: public_url.to_owned(),
            algorithms: algorithms.value,
            max_age: *max_age,
            leeway: *leeway,
            nonces,
        };
        if let (true, Err(error)) = (*enabled, settings.verifier(MemoryReplays::new(1))) {
            section
                .problem(&enabled.origin, format!("`dpop` cannot compare addresses with `listen.public_url`: {error}"));
        }
        section.finish();
        enabled.value.then_some(settings)
    }

    /// Proofs of requests to the public URL, each used once in all that share `replays`.
    pub(crate) fn verifier(&self, replays: impl ReplayStore) -> Result<DpopVerifier, InvalidPublicUrl> {
        let verifier = DpopVerifier::new(&self.public_url, replays)?
            .with_algorithms(self.algorithms.iter().copied())
            .with_max_age(self.max_age)
            .with_leeway(self.leeway);
        Ok(match &self.nonces {
            Some(nonces) => verifier.with_nonces(nonces.clone()),
            None => verifier,
        })
    }
}

/// Each use is remembered for as long.
const MAX_AGE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(600);
const MAX_LEEWAY: Duration = Duration::from_secs(60);
