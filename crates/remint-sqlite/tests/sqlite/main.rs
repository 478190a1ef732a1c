//! The store as its users see it.

mod audit;
mod conformance;
mod file;
mod forgetting;
mod keys;
mod migration;
mod raw;
