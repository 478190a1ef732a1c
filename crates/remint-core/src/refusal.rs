use crate::{Denied, DeniedKind, Unavailable};

/// Why there is no internal token: the caller's fault, or ours.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// The caller's fault: 400, 401 or 403.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Ours: 503 with `Retry-After`.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<DeniedKind> for Refusal {
    fn from(kind: DeniedKind) -> Self {
        Self::Denied(kind.into())
    }
}

impl Refusal {
    /// The reason's name in metrics and logs.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.kind().reason(),
            Self::Unavailable(unavailable) => unavailable.kind().reason(),
        }
    }

    /// The name beside the reason, where there is one ([`Denied::detail`]).
    #[must_use]
    pub const fn detail(&self) -> Option<&'static str> {
        match self {
            Self::Denied(denied) => denied.detail(),
            Self::Unavailable(_) => None,
        }
    }
}
