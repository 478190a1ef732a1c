use remint_core::{DeniedKind, Refusal};

/// A claim for which a token is refused. Callers are told the kind alone; the log is told the claim, which is a path of
/// the settings and nothing of the token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: DeniedKind,
    pub(crate) claim: Box<str>,
}

/// The fault of this claim.
pub(crate) fn at(claim: &str) -> impl FnOnce(DeniedKind) -> Fault {
    move |kind| Fault { kind, claim: claim.into() }
}

impl From<Fault> for DeniedKind {
    fn from(fault: Fault) -> Self {
        fault.kind
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        fault.kind.into()
    }
}
