//! Remint against real programs that nobody here wrote.

mod provider;
