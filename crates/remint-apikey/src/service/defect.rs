use remint_core::{Unavailable, UnavailableKind};

/// What cannot happen is our fault, not the caller's.
pub(super) fn defect(error: impl std::error::Error + Send + Sync + 'static) -> Unavailable {
    Unavailable::new(UnavailableKind::Internal).with_source(error)
}
