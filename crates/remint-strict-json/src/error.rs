/// Why a text is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, not an object where one is asked for, too deep, or too many values.
    #[error("the text is not JSON of the kind and size that is accepted")]
    Malformed,
    /// A member that is there twice.
    #[error("a member is there twice")]
    Duplicate,
}
