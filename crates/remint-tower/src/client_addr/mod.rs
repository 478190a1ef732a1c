//! Whom the connection, and the proxies in front of it, say the client is.

mod forwarded;
mod layer;
mod service;
#[cfg(test)]
mod tests;
mod warning;

pub use layer::ClientAddrLayer;
pub use service::ClientAddrService;
