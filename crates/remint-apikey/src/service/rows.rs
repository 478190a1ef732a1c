//! Rows of the revocation log: computed before a change, handed to the store with it, and told to the log after it.

use remint_core::{Effect, ExternalIdentity, Revocation, Target, Timestamp, Unavailable};

use super::ApiKeys;

impl ApiKeys {
    /// Tells the log of these rows, in their order, each at the moment at which it is told: what the change overtook
    /// is then older than its row.
    pub(super) async fn announce(&self, rows: &[Revocation]) -> Result<(), Unavailable> {
        for row in rows {
            self.revoker.revoke(Revocation { at: self.now(), ..row.clone() }).await?;
        }
        Ok(())
    }
}

pub(super) fn row(target: Target, effect: Effect, at: Timestamp) -> Revocation {
    Revocation { target, effect, at }
}

/// One row for each of these external subjects.
pub(super) fn link_rows(links: &[ExternalIdentity], effect: Effect, at: Timestamp) -> impl Iterator<Item = Revocation> {
    links.iter().map(move |ExternalIdentity { issuer, subject }| {
        row(Target::Subject { issuer: issuer.clone(), subject: subject.clone() }, effect, at)
    })
}
