use std::sync::Arc;

use remint_core::DeniedKind;
use remint_jwt::Claims;

use crate::check;
use crate::token_type::Kind;
use crate::trusted::Trusted;
use crate::vouching::Vouching;

/// The trusts in one issuer, in the order in which they were given. There is at least one.
#[derive(Debug, Clone)]
pub(crate) struct TrustsInIssuer(Vec<Arc<Trusted>>);

impl TrustsInIssuer {
    pub(crate) fn new(first: Arc<Trusted>) -> Self {
        Self(vec![first])
    }

    pub(crate) fn all(&self) -> &[Arc<Trusted>] {
        &self.0
    }

    pub(crate) fn issuer(&self) -> &str {
        self.0.first().map_or("", |first| &first.issuer)
    }

    pub(crate) fn push(&mut self, trusted: Arc<Trusted>) {
        self.0.push(trusted);
    }

    /// The trust that a token with these claims is held to: the first that it is for, by its audience and its client;
    /// if it is for none, the one that it comes nearest to. `spelling` is what the token calls the issuer.
    pub(crate) fn of_token(&self, spelling: &str, claims: &Claims, kind: Kind) -> Option<&Arc<Trusted>> {
        first(self.0.iter().filter(|trusted| trusted.covers(spelling)), claims, kind)
    }

    /// The same by an issuer's answer about a token: of those whose tokens are asked about, and that take this text if
    /// it is no JWT.
    pub(crate) fn of_answer(&self, opaque: Option<&str>, claims: &Claims, kind: Kind) -> Option<&Arc<Trusted>> {
        let is_asked = |trusted: &&Arc<Trusted>| {
            matches!(trusted.vouching, Vouching::Introspection(_))
                && opaque.is_none_or(|text| trusted.claims_opaque(text))
        };
        first(self.0.iter().filter(is_asked), claims, kind)
    }
}

fn first<'a>(
    candidates: impl Iterator<Item = &'a Arc<Trusted>>,
    claims: &Claims,
    kind: Kind,
) -> Option<&'a Arc<Trusted>> {
    let mut candidates = candidates.peekable();
    let mut nearest = None;
    while let Some(candidate) = candidates.next() {
        // A single one needs no choice: its own checks say what there is to say.
        if nearest.is_none() && candidates.peek().is_none() {
            return Some(candidate);
        }
        let Err(reason) = check::addressed(candidate, claims, kind) else { return Some(candidate) };
        if nearest.is_none_or(|(_, steps)| steps < nearness(reason)) {
            nearest = Some((candidate, nearness(reason)));
        }
    }
    nearest.map(|(candidate, _)| candidate)
}

/// How much of a token fits a trust that it is not for.
const fn nearness(reason: DeniedKind) -> u8 {
    match reason {
        // It takes no such tokens at all.
        DeniedKind::TokenType => 0,
        DeniedKind::Audience => 1,
        _ => 2,
    }
}
