use crate::Pepper;

/// The peppers of a node, newest first. Keys are made under the newest that every node of the store has; the others are
/// tried for keys that were made under them, and a key is hashed anew when it is used.
///
/// To rotate, put a new pepper in front, at one node after the other. The store records which pepper is in use: the new
/// one is, ten minutes after the last node got it ([`Pairing`](crate::Pairing)). Until then keys are made and hashed
/// under the one before it. Drop an old one when no live key in the store names it any more;
/// [`Pairing`](crate::Pairing) checks it. Keys that nobody uses keep their pepper: revoke them, or
/// [give the pepper up](crate::Pairing::adopt).
#[derive(Debug, Clone)]
pub struct Peppers {
    newest: Pepper,
    older: Vec<Pepper>,
}

impl Peppers {
    /// One pepper.
    #[must_use]
    pub const fn new(newest: Pepper) -> Self {
        Self { newest, older: Vec::new() }
    }

    /// The same, with one more that is older than all so far. One that is there already is passed
    /// over.
    #[must_use]
    pub fn with_older(mut self, older: Pepper) -> Self {
        if self.iter().all(|pepper| pepper.id() != older.id()) {
            self.older.push(older);
        }
        self
    }

    /// Newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Pepper> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    pub(crate) const fn newest(&self) -> &Pepper {
        &self.newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pepper_given_twice_is_tried_once() {
        let [a, b] = [[1; 16], [2; 16]].map(|secret| Pepper::from_bytes(&secret).unwrap());
        let peppers = Peppers::new(a.clone()).with_older(b.clone()).with_older(a).with_older(b);
        assert_eq!(peppers.iter().count(), 2);
    }
}
