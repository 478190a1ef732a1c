//! The counter in this process.

mod cell;
mod cells;
mod counter;

pub use counter::MemoryCounter;
