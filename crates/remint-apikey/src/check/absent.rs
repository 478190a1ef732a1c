use remint_core::{Unavailable, UnavailableKind};

use super::KeyCheck;
use crate::Pepper;
use crate::foreign::ParsedKey;

impl KeyCheck {
    /// The schemes of live keys whose pepper is not here. At a start there are none
    /// ([`Pairing`](crate::Pairing)); another node may have begun to use one since.
    pub(crate) async fn absent_schemes(&self) -> Result<Vec<Box<str>>, Unavailable> {
        let mut schemes = self.store.live_schemes(Pepper::SCHEMES, self.clock.now()).await?;
        schemes.retain(|scheme| self.peppers.iter().all(|pepper| pepper.scheme() != &**scheme));
        if !schemes.is_empty() {
            let given_up = self.store.record().await?.depends_on.given_up;
            schemes.retain(|scheme| !given_up.contains(scheme));
        }
        Ok(schemes)
    }

    /// An outage if the text may be a key that works and that was hashed under one of these: a live key has its
    /// beginning. Whatever else a stranger sends is unknown.
    pub(super) async fn is_not_absent(
        &self,
        presented: &ParsedKey<'_>,
        absent: &[Box<str>],
    ) -> Result<(), Unavailable> {
        for scheme in absent {
            for start in presented.starts() {
                let found = self.store.candidates(scheme, start).await?;
                let means = |found: &&remint_core::FoundKey| {
                    found.key.start == start && found.key.digest.scheme == *scheme && self.standing(found).is_ok()
                };
                if let Some(found) = found.iter().find(means) {
                    let pepper = Pepper::id_of(scheme);
                    tracing::error!(
                        target: "remint",
                        pepper,
                        start,
                        key = %found.key.id,
                        "a presented key begins as one that was hashed under a pepper that this process does not have: \
                         give all nodes the same peppers, and start this one again"
                    );
                    let source = format!("the pepper {pepper} is not here");
                    return Err(Unavailable::new(UnavailableKind::Pepper).with_source(source));
                }
            }
        }
        Ok(())
    }
}
