//! Which certificate the proxies in front of the connection say the client proved to hold.

mod format;
mod rule;
#[cfg(test)]
mod tests;
mod xfcc;

pub use rule::ForwardedCertificate;
