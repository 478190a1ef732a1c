use std::collections::BTreeMap;

use crate::history::{History, Moment};

/// When which credential was revoked.
pub(super) struct Ended(BTreeMap<usize, Vec<Asked>>);

/// A revocation that was asked for.
struct Asked {
    place: usize,
    sent: Moment,
    /// If the store kept it.
    acknowledged: Option<Moment>,
}

impl Ended {
    pub(super) fn of(history: &History) -> Self {
        let mut ended: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for (place, revocation) in history.revocations.iter().enumerate() {
            for credential in &revocation.credentials {
                let acknowledged = revocation.acknowledged.filter(|_| !revocation.lost);
                let asked = Asked { place, sent: revocation.sent, acknowledged };
                ended.entry(*credential).or_default().push(asked);
            }
        }
        Self(ended)
    }

    /// Whether anybody had asked by then that it be revoked.
    pub(super) fn asked(&self, credential: usize, by: Moment) -> bool {
        self.0.get(&credential).is_some_and(|asked| asked.iter().any(|asked| asked.sent <= by))
    }

    /// The first revocation that was acknowledged by then and not lost, and when.
    pub(super) fn acknowledged(&self, credential: usize, by: Moment) -> Option<(usize, Moment)> {
        let held = self.0.get(&credential)?.iter().filter_map(|asked| Some((asked.place, asked.acknowledged?)));
        held.filter(|(_, at)| *at <= by).min_by_key(|(_, at)| *at)
    }
}
