use aws_lc_rs::digest::{SHA256, digest};
use remint_core::SharedKey;

use crate::KeyCheck;

/// The key checks of one node's secrets, newest first.
///
/// A node leaves its own at [`place`](Self::place) in the shared tier, and compares them with what it finds there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChecks(Vec<KeyCheck>);

/// How the secrets of this node agree with those of the node that wrote last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Both write under the same secret.
    Same,
    /// This node has a newer secret: the other one follows when it is rotated.
    Ahead,
    /// The other node has a newer secret: this one has yet to be rotated. Each misses what the other wrote.
    Behind,
    /// Neither has the secret under which the other one writes, or each holds the other's for the older: a mistake.
    /// The nodes share nothing.
    Disagree,
}

impl KeyChecks {
    /// The most that are written; older ones are left out.
    const MAX: usize = 16;

    pub(crate) fn new(newest_first: impl Iterator<Item = KeyCheck>) -> Self {
        Self(newest_first.take(Self::MAX).collect())
    }

    /// Where they stand in the shared tier: the same place for each node, whatever its secrets.
    #[must_use]
    pub fn place() -> SharedKey {
        let mut place = [0; 32];
        for (to, from) in place.iter_mut().zip(digest(&SHA256, PLACE).as_ref()) {
            *to = *from;
        }
        SharedKey(place)
    }

    /// As they are stored: a version byte and 16 bytes for each.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for check in &self.0 {
            bytes.extend_from_slice(&check.0);
        }
        bytes
    }

    /// As another node stored them; `None` for anything that no node of this version stores.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (checks, rest) = bytes.strip_prefix(&[VERSION])?.as_chunks::<{ KeyCheck::LEN }>();
        let whole = rest.is_empty() && (1..=Self::MAX).contains(&checks.len());
        whole.then(|| Self(checks.iter().copied().map(KeyCheck).collect()))
    }

    /// How the secrets of this node agree with another node's.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Agreement {
        let (own, theirs) = (self.0.first(), other.0.first());
        if own == theirs {
            return Agreement::Same;
        }
        let has = |checks: &Self, check: Option<&KeyCheck>| check.is_some_and(|check| checks.0.contains(check));
        match (has(self, theirs), has(other, own)) {
            (true, false) => Agreement::Ahead,
            (false, true) => Agreement::Behind,
            _ => Agreement::Disagree,
        }
    }
}

const PLACE: &[u8] = b"remint shared tier key check 1";
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(numbers: &[u8]) -> KeyChecks {
        KeyChecks::new(numbers.iter().map(|number| KeyCheck([*number; 16])))
    }

    #[test]
    fn nodes_whose_secrets_differ_by_mistake_are_told_apart_from_a_rotation_under_way() {
        for (own, theirs, agreement) in [
            (&[1][..], &[1][..], Agreement::Same),
            (&[2, 1], &[2], Agreement::Same),
            (&[2, 1], &[1], Agreement::Ahead),
            (&[3, 2, 1], &[1], Agreement::Ahead),
            (&[1], &[2, 1], Agreement::Behind),
            (&[1], &[2], Agreement::Disagree),
            (&[2, 1], &[3, 1], Agreement::Disagree),
            (&[2, 1], &[1, 2], Agreement::Disagree),
        ] {
            assert_eq!(checks(own).compare(&checks(theirs)), agreement, "{own:?} {theirs:?}");
        }
    }

    #[test]
    fn they_come_back_as_they_were_stored_and_anything_else_is_none() {
        let stored = checks(&[2, 1]).to_bytes();
        assert_eq!(KeyChecks::from_bytes(&stored), Some(checks(&[2, 1])));
        for end in 0..stored.len() {
            let whole = end == 1 + KeyCheck::LEN;
            assert_eq!(KeyChecks::from_bytes(&stored[..end]).is_some(), whole, "{end}");
        }
        assert_eq!(KeyChecks::from_bytes(&[&[2][..], &stored[1..]].concat()), None);
        assert_eq!(KeyChecks::from_bytes(&vec![VERSION; 1 + 17 * KeyCheck::LEN]), None);
        let many: Vec<u8> = (0..20).collect();
        assert!(KeyChecks::from_bytes(&checks(&many).to_bytes()).is_some());
    }
}
