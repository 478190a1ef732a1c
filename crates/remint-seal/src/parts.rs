use std::fmt;

use remint_core::Slot;

/// All that decides whose entry it is. Entries that differ in one part have different names.
///
/// `Debug` does not show the credential.
#[derive(Clone, Copy)]
pub struct EntryParts<'a> {
    /// Where the credential stood.
    pub slot: Slot,
    /// The credential.
    pub credential: &'a str,
    /// The audience of the internal token.
    pub audience: &'a str,
    /// The user that the caller acts for. `None` is not the empty text.
    pub on_behalf_of: Option<&'a str>,
    /// The version of the policy: a digest of the effective configuration.
    pub policy: &'a str,
}

impl fmt::Debug for EntryParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryParts").field("slot", &self.slot).finish_non_exhaustive()
    }
}
