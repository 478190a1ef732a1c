use remint_core::{DeniedKind, Slot};

use crate::{RawCredential, Removals};

/// What a request presents, and what must not go on from it.
#[derive(Debug, Clone, Copy)]
pub struct Extraction<'h> {
    /// The one credential, or none.
    pub presented: Option<RawCredential<'h>>,
    /// For [`Extractor::strip`](crate::Extractor::strip).
    pub removals: Removals,
}

impl<'h> Extraction<'h> {
    #[inline]
    pub(crate) fn present(&mut self, slot: Slot, bytes: &'h [u8]) -> Result<(), DeniedKind> {
        if self.presented.is_some() {
            return Err(DeniedKind::TwoCredentials);
        }
        if bytes.is_empty() {
            return Err(DeniedKind::MalformedHeader);
        }
        self.presented = Some(RawCredential { slot, bytes });
        Ok(())
    }
}
