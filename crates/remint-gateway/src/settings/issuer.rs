use std::io::Read as _;
use std::ops::RangeInclusive;
use std::time::Duration;

use remint::{Algorithm, Audience, Issuer, IssuerId, Jwk, JwkSet, SigningKey, USUAL_MAX_LENGTH};

use super::origin::Origin;
use super::secret::Secret;
use super::section::{At, Section};
use super::setting::open_guarded;
use super::value::FilePath;

/// `[issuer]`: the internal token.
#[derive(Debug, Clone)]
pub(crate) struct IssuerSettings {
    pub(crate) url: At<IssuerId>,
    /// At least one: a token is for all of them.
    pub(crate) audience: Vec<Audience>,
    /// Of transaction tokens; `None`: none are issued.
    pub(crate) trust_domain: Option<Audience>,
    pub(crate) ttl: Duration,
    /// The longest internal token in bytes.
    pub(crate) max_length: usize,
    /// How long the token endpoint may take to answer.
    pub(crate) answer_within: Duration,
    pub(crate) algorithm: Algorithm,
    /// The folder of signing keys and pepper. Nothing is in it where the signing key is given.
    pub(crate) keys: FilePath,
    /// How long each key of the folder signs; `None`: until an operator rotates.
    pub(crate) rotate_every: Option<Duration>,
    /// A signing key in place of those of the folder.
    pub(crate) given: Option<GivenKey>,
}

/// `issuer.key`, and what is published beside it.
#[derive(Debug, Clone)]
pub(crate) struct GivenKey {
    pub(crate) origin: Origin,
    pem: Secret,
    algorithm: Algorithm,
    pub(crate) also_publish: Vec<Jwk>,
}

impl GivenKey {
    /// The key, which was parsed once already.
    pub(crate) fn signing_key(&self) -> Result<SigningKey, String> {
        SigningKey::from_pem(self.algorithm, self.pem.expose_secret()).map_err(|_| {
            let algorithm = self.algorithm;
            format!("`issuer.key`: it is not a private key for {algorithm} as PKCS#8 in PEM (BEGIN PRIVATE KEY)")
        })
    }
}

impl IssuerSettings {
    pub(super) fn read(mut section: Section<'_, '_>, standard: (IssuerId, Audience)) -> Self {
        let url = section.or("url", standard.0);
        let audience = section.or("audience", vec![standard.1]);
        let trust_domain = section.optional::<Audience>("trust_domain", "no transaction tokens are issued");
        let ttl = section.or("ttl", Duration::from_secs(300));
        let max_length = section.or("max_length", USUAL_MAX_LENGTH as u64);
        let answer_within = section.or("answer_within", Duration::from_millis(1500));
        let algorithm = section.or("algorithm", Algorithm::Es256);
        if audience.is_empty() {
            section.problem(&audience.origin, "`issuer.audience` is empty: no token could be used anywhere");
        }
        if let Some(domain) = trust_domain.as_ref().filter(|domain| audience.contains(domain)) {
            let message = "`issuer.trust_domain` is an audience of internal tokens: the two could be mixed up";
            section.problem(&domain.origin, message);
        }
        if *ttl < Duration::from_secs(1) {
            section.problem(&ttl.origin, "`issuer.ttl`: an internal token lives for at least one second");
        }
        if !LENGTHS.contains(&*max_length) {
            section.problem(&max_length.origin, "`issuer.max_length`: between 1024 and 49152 bytes");
        }
        if !ANSWER_WITHIN.contains(&*answer_within) {
            section.problem(&answer_within.origin, "`issuer.answer_within`: between 10ms and 1m");
        }
        if !SIGNING.contains(&*algorithm) {
            let message = format!(
                "`issuer.algorithm`: internal tokens are signed with ES256, EdDSA, RS256 or PS256, not {}",
                *algorithm
            );
            section.problem(&algorithm.origin, message);
        }
        let key = section.optional::<Secret>("key", "those of the folder sign");
        let given = key.map(|key| given(&mut section, key, *algorithm));
        let (keys, rotate_every) = match &given {
            Some(_) => (without_a_folder(&mut section), None),
            None => of_a_folder(&mut section, &url, &audience),
        };
        section.finish();
        Self {
            url,
            audience: audience.value,
            trust_domain: trust_domain.map(|domain| domain.value),
            ttl: ttl.value,
            max_length: usize::try_from(max_length.value).unwrap_or(USUAL_MAX_LENGTH),
            answer_within: answer_within.value,
            algorithm: algorithm.value,
            keys,
            rotate_every,
            given,
        }
    }
}

fn given(section: &mut Section<'_, '_>, key: At<Secret>, algorithm: Algorithm) -> GivenKey {
    let file = section.optional::<FilePath>("also_published", "no other key");
    let mut given = GivenKey { origin: key.origin, pem: key.value, algorithm, also_publish: Vec::new() };
    if let Err(message) = given.signing_key() {
        section.problem(&given.origin, message);
    }
    if let Some(file) = file {
        match read_set(&file) {
            Ok(keys) => given.also_publish = keys.iter().cloned().collect(),
            Err(message) => section.problem(&file.origin, format!("`issuer.also_published`: {message}")),
        }
    }
    given
}

/// What belongs to a folder of keys does not go with a key.
fn without_a_folder(section: &mut Section<'_, '_>) -> FilePath {
    let keys = section.optional::<FilePath>("keys", "the key is given");
    if let Some(keys) = &keys {
        let message = "`issuer.keys` and `issuer.key` are two places of the signing key: only one can be set";
        section.problem(&keys.origin, message);
    }
    if let Some(every) = section.optional::<Duration>("rotate_every", "the key is replaced where it comes from") {
        section.problem(&every.origin, "`issuer.rotate_every`: a key that is given does not rotate by itself");
    }
    FilePath::new("keys", section.book.world)
}

fn of_a_folder(section: &mut Section<'_, '_>, url: &IssuerId, audience: &[Audience]) -> (FilePath, Option<Duration>) {
    let keys = FilePath::new("keys", section.book.world);
    let keys = section.or("keys", keys);
    let every = section.optional::<Duration>("rotate_every", "never, unless an operator says so");
    if let (Some(every), Some(audience)) = (&every, audience.first()) {
        let issuer = Issuer::builder(url.clone(), audience.clone()).key_folder(&keys.path).rotate_every(every.value);
        if let Err(error) = issuer.check() {
            section.problem(&every.origin, format!("`issuer.rotate_every`: {error}"));
        }
    }
    if let Some(file) = section.optional::<FilePath>("also_published", "the keys of the folder alone") {
        section.problem(&file.origin, "`issuer.also_published` goes with `issuer.key`: a folder has its own next key");
    }
    (keys.value, every.map(|every| every.value))
}

fn read_set(file: &FilePath) -> Result<JwkSet, String> {
    let mut json = Vec::new();
    let read = open_guarded(&file.path).and_then(|file| file.take(MAX_SET_LEN).read_to_end(&mut json));
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    let set = JwkSet::parse(&json).map_err(|error| format!("it is no key set: {error}"))?;
    match set.passed_over().first() {
        None => Ok(set),
        Some(key) => Err(format!("a key of it cannot be used: {key:?}")),
    }
}

const SIGNING: [Algorithm; 4] = [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256];
const ANSWER_WITHIN: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(60);
/// Below, hardly a token fits; above, it would not fit into a form or an answer with all else that is in it.
const LENGTHS: RangeInclusive<u64> = 1024..=48 * 1024;
const MAX_SET_LEN: u64 = 64 * 1024;
