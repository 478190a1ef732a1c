//! Whom the connection, and the proxies in front of it, say the client is.

mod elements;
mod rule;
#[cfg(test)]
mod tests;
mod warning;

pub use rule::ForwardedAddress;
