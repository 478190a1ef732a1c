//! Conformance of stores of keys and users, and fakes of them.

mod severable;

pub use severable::Severable;
