use remint_core::{Stamp, Timestamp};

/// When an internal token was issued, and how far its issuer had read which log by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issued<'a> {
    /// `iat`.
    pub at: Timestamp,
    /// `rev`; `None`: it has none.
    pub rev: Option<&'a Stamp>,
}

impl From<Timestamp> for Issued<'_> {
    /// Of a token without `rev`.
    fn from(at: Timestamp) -> Self {
        Self { at, rev: None }
    }
}
