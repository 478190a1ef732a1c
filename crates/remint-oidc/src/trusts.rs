use std::collections::HashMap;
use std::sync::Arc;

use crate::trusted::Trusted;
use crate::{TrustError, TrustErrorKind};

/// Everyone who is trusted, by issuer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trusts {
    exact: HashMap<Box<str>, Arc<Trusted>>,
    templates: Vec<Arc<Trusted>>,
}

impl Trusts {
    /// Who is trusted with the tokens of this issuer.
    pub(crate) fn find(&self, issuer: &str) -> Option<&Arc<Trusted>> {
        let template = || self.templates.iter().find(|trusted| trusted.pattern.matches(issuer).is_some());
        let alias = || self.exact.values().find(|trusted| trusted.is_spelt(issuer));
        self.exact.get(issuer).or_else(alias).or_else(template)
    }

    /// Whose token this text is, which is no JWT: at most one's.
    pub(crate) fn find_opaque(&self, text: &str) -> Option<&Arc<Trusted>> {
        self.exact.values().find(|trusted| trusted.claims_opaque(text))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Trusted>> {
        self.exact.values().chain(&self.templates)
    }

    pub(crate) fn with(mut self, trusted: Arc<Trusted>) -> Result<Self, TrustError> {
        for other in self.iter() {
            let covers = |one: &Trusted, other: &Trusted| {
                one.aliases.iter().any(|alias| other.is_spelt(alias) || other.pattern.matches(alias).is_some())
            };
            let kind = if other.issuer == trusted.issuer || covers(other, &trusted) || covers(&trusted, other) {
                TrustErrorKind::DuplicateIssuer
            } else if other.name.eq_ignore_ascii_case(&trusted.name) {
                TrustErrorKind::DuplicateName(other.name.clone())
            } else if other.overlaps(&trusted) {
                TrustErrorKind::OpaqueOverlap(other.issuer.clone())
            } else {
                continue;
            };
            return Err(TrustError::new(&trusted.issuer, kind));
        }
        if trusted.pattern.is_template() {
            self.templates.push(trusted);
        } else {
            self.exact.insert(trusted.issuer.clone(), trusted);
        }
        Ok(self)
    }

    /// The rest, and whether this one was among them.
    pub(crate) fn without(mut self, issuer: &str) -> (Self, bool) {
        let before = self.exact.len() + self.templates.len();
        self.exact.remove(issuer);
        self.templates.retain(|trusted| *trusted.issuer != *issuer);
        let removed = self.exact.len() + self.templates.len() < before;
        (self, removed)
    }
}
