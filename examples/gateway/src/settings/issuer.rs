use std::time::Duration;

use remint::{Algorithm, Audience, IssuerId};

use super::section::{At, Section};
use super::value::FilePath;

/// `[issuer]`: the internal token.
#[derive(Debug, Clone)]
pub(crate) struct IssuerSettings {
    pub(crate) url: At<IssuerId>,
    pub(crate) audience: Audience,
    pub(crate) ttl: Duration,
    pub(crate) algorithm: Algorithm,
    /// The folder of signing keys and pepper.
    pub(crate) keys: FilePath,
}

impl IssuerSettings {
    pub(super) fn read(mut section: Section<'_, '_>, standard: (IssuerId, Audience)) -> Self {
        let url = section.or("url", standard.0);
        let audience = section.or("audience", vec![standard.1.clone()]);
        let ttl = section.or("ttl", Duration::from_secs(300));
        let algorithm = section.or("algorithm", Algorithm::Es256);
        let keys = FilePath::new("keys", section.book.world);
        let keys = section.or("keys", keys);
        match audience.len() {
            1 => {}
            0 => section.problem(&audience.origin, "`issuer.audience` is empty: no token could be used anywhere"),
            _ => section.problem(
                &audience.origin,
                "`issuer.audience`: this version does not implement more than one audience yet",
            ),
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
        Self {
            url,
            audience: audience.value.into_iter().next().unwrap_or(standard.1),
            ttl: ttl.value,
            algorithm: algorithm.value,
            keys: keys.value,
        }
    }
}

const SIGNING: [Algorithm; 4] = [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256];
