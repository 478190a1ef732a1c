//! Whom the connection, and the proxies in front of it, say the client is.

mod layer;
mod service;
#[cfg(test)]
mod tests;

pub use layer::ClientAddrLayer;
pub use service::ClientAddrService;
