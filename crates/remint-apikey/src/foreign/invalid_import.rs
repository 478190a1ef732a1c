/// Why a key cannot be imported. Nothing of the key is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidImport {
    /// The format is ours.
    #[error("keys of the format `remint` are made here, not imported")]
    Ours,
    /// The format is none that is accepted.
    #[error("keys of this format are not accepted")]
    NotAccepted,
    /// Texts that begin so mean to be keys of ours.
    #[error("a text that begins so is read as a key that was made here: it would be refused")]
    ReadAsOurs,
    /// A PBKDF2 digest of a text that another accepted format reads first.
    #[error(
        "a text that begins so is read by an `opaque:` format that is accepted before `drf`, and its `pbkdf2_sha256` \
         digest would not be found: put `drf` first"
    )]
    ReadAsOpaque,
    /// A PBKDF2 digest of an opaque text, which nothing would find.
    #[error("a `pbkdf2_sha256` digest is found by the prefix of its key, which only the format `drf` has")]
    Scheme,
    /// A start that is not of the format, or shows too much of the key.
    #[error(
        "the start must be the 8 letters and digits before the dot (`drf`), or the format's prefix with 4 more \
         characters at most (`opaque:`)"
    )]
    Start,
}
