//! What is accepted as a proof, and what a store of uses must do.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod arbitrary;
mod items;
mod memory;
mod spending;
mod support;
