//! Rows of the revocation log: computed before a change, handed to the store with it, and told to the log after it.

use remint_core::{Effect, ExternalIdentity, Revocation, Target, Timestamp, Unavailable};

use super::ApiKeys;

impl ApiKeys {
    /// Tells the followers of the log about the rows of a change that was made.
    pub(super) async fn announce(&self, rows: &[Revocation]) -> Result<(), Unavailable> {
        self.revoker.announce(rows).await
    }
}

pub(super) fn row(target: Target, effect: Effect, at: Timestamp) -> Revocation {
    Revocation::new(target, effect, at)
}

/// One row for each of these external subjects.
pub(super) fn link_rows(links: &[ExternalIdentity], effect: Effect, at: Timestamp) -> impl Iterator<Item = Revocation> {
    links.iter().map(move |ExternalIdentity { issuer, subject }| {
        row(Target::Subject { issuer: issuer.clone(), subject: subject.clone() }, effect, at)
    })
}
