//! What a token says of the identity that it is of: written, read and listed in one place.

mod claims;
mod read;

pub use claims::{IDENTITY_CLAIMS, IdentityClaims};
pub(crate) use read::Members;
pub use read::identity;

#[cfg(test)]
mod tests;
