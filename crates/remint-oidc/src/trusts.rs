use std::collections::HashMap;
use std::sync::Arc;

use crate::trusted::Trusted;
use crate::trusts_in_issuer::TrustsInIssuer;
use crate::{TrustError, TrustErrorKind};

/// Everyone who is trusted, by issuer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trusts {
    exact: HashMap<Box<str>, TrustsInIssuer>,
    templates: Vec<TrustsInIssuer>,
}

impl Trusts {
    /// The trusts in this issuer, whichever spelling of it this is.
    pub(crate) fn of(&self, issuer: &str) -> Option<&TrustsInIssuer> {
        let covers = |trusts: &&TrustsInIssuer| trusts.all().iter().any(|trusted| trusted.covers(issuer));
        let alias = || self.exact.values().find(covers);
        let template = || self.templates.iter().find(covers);
        self.exact.get(issuer).or_else(alias).or_else(template)
    }

    /// The trust whose token this text is, which is no JWT: the first in its issuer. No two issuers take the same text.
    pub(crate) fn of_opaque(&self, text: &str) -> Option<&Arc<Trusted>> {
        self.exact.values().flat_map(TrustsInIssuer::all).find(|trusted| trusted.claims_opaque(text))
    }

    /// The trusts whose issuer was given as this text.
    pub(crate) fn named(&self, issuer: &str) -> &[Arc<Trusted>] {
        self.issuers().find(|trusts| trusts.issuer() == issuer).map_or(&[], TrustsInIssuer::all)
    }

    pub(crate) fn issuers(&self) -> impl Iterator<Item = &TrustsInIssuer> {
        self.exact.values().chain(&self.templates)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Trusted>> {
        self.issuers().flat_map(TrustsInIssuer::all)
    }

    pub(crate) fn with(mut self, trusted: Arc<Trusted>) -> Result<Self, TrustError> {
        for other in self.iter() {
            if let Some(kind) = conflict(other, &trusted) {
                return Err(TrustError::new(&trusted.issuer, kind));
            }
        }
        let issuer = trusted.issuer.clone();
        let same = |trusts: &&mut TrustsInIssuer| *trusts.issuer() == *issuer;
        if let Some(trusts) = self.exact.values_mut().chain(&mut self.templates).find(same) {
            trusts.push(trusted);
        } else if trusted.pattern.is_template() {
            self.templates.push(TrustsInIssuer::new(trusted));
        } else {
            self.exact.insert(issuer, TrustsInIssuer::new(trusted));
        }
        Ok(self)
    }

    /// The rest, and whether this one was among them.
    pub(crate) fn without(mut self, issuer: &str) -> (Self, bool) {
        let before = self.exact.len() + self.templates.len();
        self.exact.remove(issuer);
        self.templates.retain(|trusts| trusts.issuer() != issuer);
        let removed = self.exact.len() + self.templates.len() < before;
        (self, removed)
    }
}

/// Why there cannot be both.
fn conflict(earlier: &Trusted, later: &Trusted) -> Option<TrustErrorKind> {
    let is_same = earlier.issuer == later.issuer;
    let spells = |one: &Trusted, other: &Trusted| one.aliases.iter().any(|alias| other.covers(alias));
    if is_same && earlier.shadows(later) || !is_same && (spells(earlier, later) || spells(later, earlier)) {
        Some(TrustErrorKind::DuplicateIssuer)
    } else if let Some(client) = both(earlier, later).or_else(|| both(later, earlier)).filter(|_| is_same) {
        Some(TrustErrorKind::IdTokenAudience(client.into()))
    } else if earlier.name.eq_ignore_ascii_case(&later.name) {
        Some(TrustErrorKind::DuplicateName(earlier.name.clone()))
    } else if !is_same && earlier.overlaps(later) {
        Some(TrustErrorKind::OpaqueOverlap(earlier.issuer.clone()))
    } else {
        None
    }
}

/// A client for whose ID tokens one trust is, and that is an audience of the other's access tokens.
fn both<'a>(one: &'a Trusted, other: &Trusted) -> Option<&'a str> {
    one.id_token_clients.iter().find(|client| other.audiences.contains(client)).map(|client| &**client)
}
