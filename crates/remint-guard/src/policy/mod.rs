//! What a layer demands of every request, and what it answers where the demand is not met.

mod denial;
mod mode;
mod rules;
#[cfg(test)]
mod tests;

pub use denial::Denial;
pub use mode::Mode;
pub use rules::Policy;
