/// Whether a request may pass without a credential.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// It is answered with 401.
    #[default]
    Required,
    /// It passes as anonymous. A bad credential still does not.
    Optional,
}
