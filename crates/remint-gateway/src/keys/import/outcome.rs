use serde::Serialize;

/// What became of the rows.
#[derive(Debug, Default, Serialize)]
pub(in crate::keys) struct Outcome {
    pub(in crate::keys) dry_run: bool,
    pub(in crate::keys) imported: usize,
    /// Imported before.
    pub(in crate::keys) skipped: usize,
    /// Keys of users who were deleted here: they are brought back on purpose only.
    pub(in crate::keys) left_out: usize,
    /// Of the imported: those with scopes that their user lacks, which have no effect until the user has them.
    pub(in crate::keys) scopes_without_effect: usize,
    pub(in crate::keys) refused: Vec<Refused>,
    pub(in crate::keys) users_created: Vec<String>,
    /// Who was there before, without a role that a row names: an import changes nobody.
    pub(in crate::keys) roles_kept: Vec<String>,
}

impl Outcome {
    /// The rows of which it is known what became of them.
    pub(super) const fn seen(&self) -> usize {
        self.imported + self.skipped + self.left_out + self.refused.len()
    }
}

/// A row that was not imported.
#[derive(Debug, Serialize)]
pub(in crate::keys) struct Refused {
    /// Which row, counted from one.
    pub(in crate::keys) row: usize,
    /// The non-secret beginning of the key, if it has one.
    pub(in crate::keys) start: String,
    pub(in crate::keys) reason: String,
}
