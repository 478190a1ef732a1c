/// Why a text is no digest of a key. The text is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDigest {
    /// The scheme is none of those that are read.
    #[error("the scheme must be `sha256`, `sha512` or `pbkdf2_sha256`")]
    Scheme,
    /// The digest itself is of another alphabet or length than the scheme's.
    #[error("the digest must be in hexadecimal digits or base64, and as long as its scheme makes it")]
    Bytes,
    /// A text that is not of Django's form.
    #[error("the digest must be `pbkdf2_sha256$<iterations>$<salt>$<base64>`, with a salt of 1 to 64 characters")]
    Pbkdf2,
    /// More iterations than anyone is to wait for, or none.
    #[error("the iterations must be 1 to 2000000")]
    Iterations,
}
