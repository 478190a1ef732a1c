/// Why there is no [`Caller`](crate::Caller).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallerErrorKind {
    /// A layer looked, and nobody is signed in.
    NoIdentity,
    /// No layer looked: the handler stands outside of the edge's layer, or of the verifier's
    /// ([`OutsideLayer`](crate::OutsideLayer)).
    OutsideLayer,
    /// The identity's `ext` is not of the shape that the handler asks for: a mapping or an
    /// enrichment of ours does not match our own type.
    Ext,
}

/// There is no [`Caller`](crate::Caller).
#[derive(Debug, thiserror::Error)]
#[error("{}", match kind {
    CallerErrorKind::NoIdentity => "nobody is signed in",
    CallerErrorKind::OutsideLayer => "no layer has looked for the request's caller",
    CallerErrorKind::Ext => "the identity's ext is not of the shape that the handler asks for",
})]
pub struct CallerError {
    kind: CallerErrorKind,
    #[source]
    source: Option<serde_json::Error>,
}

impl CallerError {
    pub(super) const NO_IDENTITY: Self = Self { kind: CallerErrorKind::NoIdentity, source: None };

    pub(super) const OUTSIDE_LAYER: Self = Self { kind: CallerErrorKind::OutsideLayer, source: None };

    pub(super) const fn ext(source: serde_json::Error) -> Self {
        Self { kind: CallerErrorKind::Ext, source: Some(source) }
    }

    /// Why.
    #[must_use]
    pub const fn kind(&self) -> CallerErrorKind {
        self.kind
    }
}
