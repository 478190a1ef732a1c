//! The revocation log of a server, followed from here.

mod error;
mod http_log;
mod page;
mod permitted;

pub use error::HttpLogError;
pub use http_log::{HttpLog, HttpLogBuilder};
pub use permitted::PermittedLog;
