/// Metadata that RFC 9728 does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{member}` of the resource's metadata is not one that RFC 9728 allows")]
pub struct InvalidMetadata {
    member: &'static str,
}

impl InvalidMetadata {
    pub(super) const fn of(member: &'static str) -> Self {
        Self { member }
    }

    /// The member of the document that it would have stood in (RFC 9728 §2).
    #[must_use]
    pub const fn member(&self) -> &'static str {
        self.member
    }
}
