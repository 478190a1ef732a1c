//! Keys that another system made: their texts, the digests it kept, and the slow pool.

mod digest;
mod encoding;
mod imported;
mod invalid_digest;
mod invalid_import;
mod pbkdf2;
mod pool;
mod text_format;

pub use self::digest::ForeignDigest;
pub use self::imported::ImportedKey;
pub use self::invalid_digest::InvalidDigest;
pub use self::invalid_import::InvalidImport;
pub use self::text_format::{InvalidTextFormat, OpaquePrefix, TextFormat};

pub(crate) use self::digest::fast_digests;
pub(crate) use self::pbkdf2::Pbkdf2;
pub(crate) use self::pool::HashPool;
pub(crate) use self::text_format::{Accepted, ParsedKey};
