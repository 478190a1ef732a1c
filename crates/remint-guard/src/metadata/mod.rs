//! What a protected resource says of itself (RFC 9728).

mod address;
mod document;
mod error;
mod resource;
#[cfg(test)]
mod tests;

pub use error::InvalidMetadata;
pub use resource::ResourceMetadata;
