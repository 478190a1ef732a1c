use crate::{IssuerId, Target, TokenId};

/// The internal tokens that one was exchanged from, the first of them first: whatever ends one of them ends it.
///
/// There is one at least, and [`MAX`](Self::MAX) at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parents {
    issuer: IssuerId,
    ids: Vec<TokenId>,
}

impl Parents {
    /// How many there may be.
    pub const MAX: usize = 8;

    /// These tokens of this issuer; `None` if there is none of them, or more than [`MAX`](Self::MAX).
    #[must_use]
    pub fn new(issuer: IssuerId, ids: Vec<TokenId>) -> Option<Self> {
        (1..=Self::MAX).contains(&ids.len()).then_some(Self { issuer, ids })
    }

    /// The parents of what is exchanged from token `id` of `issuer`, which has these parents itself; `None` if they
    /// would be too many.
    #[must_use]
    pub fn after(earlier: Option<Self>, issuer: &IssuerId, id: TokenId) -> Option<Self> {
        let mut ids = earlier.map(|parents| parents.ids).unwrap_or_default();
        ids.push(id);
        Self::new(issuer.clone(), ids)
    }

    /// Whose tokens they are.
    #[must_use]
    pub const fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// Their `jti`s.
    #[must_use]
    pub fn ids(&self) -> &[TokenId] {
        &self.ids
    }

    /// Each of them.
    pub(crate) fn targets(&self) -> impl Iterator<Item = Target> {
        self.ids.iter().map(|id| Target::Token { issuer: self.issuer.clone(), id: id.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_one_to_eight_and_the_ninth_is_none() {
        let issuer: IssuerId = "https://auth.internal".parse().unwrap();
        assert_eq!(Parents::new(issuer.clone(), Vec::new()), None);
        let mut parents = None;
        for number in 1..=8 {
            parents = Parents::after(parents, &issuer, format!("t-{number}").parse().unwrap());
            assert_eq!(parents.as_ref().unwrap().ids().len(), number);
        }
        assert_eq!(parents.as_ref().unwrap().ids().first().unwrap().as_str(), "t-1");
        assert_eq!(Parents::after(parents, &issuer, "t-9".parse().unwrap()), None);
    }
}
