//! What nested layers of ours tell each other in a response's extensions.

/// A layer further in wrote the headers: stand beside them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told;

/// A layer further in refused the request: take the charge back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused;
