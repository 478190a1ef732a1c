//! Which certificate the proxies in front of the connection say the client proved to hold.

mod layer;
mod service;
#[cfg(test)]
mod tests;

pub use layer::ClientCertificateLayer;
pub use service::ClientCertificateService;
