use std::time::Duration;

use remint::{Algorithm, Audience, IssuerId};

use super::section::{At, Section};
use super::value::FilePath;

/// `[issuer]`: the internal token.
#[derive(Debug, Clone)]
pub(crate) struct IssuerSettings {
    pub(crate) url: At<IssuerId>,
    /// At least one: a token is for all of them.
    pub(crate) audience: Vec<Audience>,
    pub(crate) ttl: Duration,
    pub(crate) algorithm: Algorithm,
    /// The folder of signing keys and pepper.
    pub(crate) keys: FilePath,
}

impl IssuerSettings {
    pub(super) fn read(mut section: Section<'_, '_>, standard: (IssuerId, Audience)) -> Self {
        let url = section.or("url", standard.0);
        let audience = section.or("audience", vec![standard.1]);
        let ttl = section.or("ttl", Duration::from_secs(300));
        let algorithm = section.or("algorithm", Algorithm::Es256);
        let keys = FilePath::new("keys", section.book.world);
        let keys = section.or("keys", keys);
        if audience.is_empty() {
            section.problem(&audience.origin, "`issuer.audience` is empty: no token could be used anywhere");
        }
        if *ttl < Duration::from_secs(1) {
            section.problem(&ttl.origin, "`issuer.ttl`: an internal token lives for at least one second");
        }
        if !SIGNING.contains(&*algorithm) {
            let message = format!(
                "`issuer.algorithm`: internal tokens are signed with ES256, EdDSA, RS256 or PS256, not {}",
                *algorithm
            );
            section.problem(&algorithm.origin, message);
        }
        section.finish();
        Self { url, audience: audience.value, ttl: ttl.value, algorithm: algorithm.value, keys: keys.value }
    }
}

const SIGNING: [Algorithm; 4] = [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256];
