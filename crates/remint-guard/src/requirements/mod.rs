//! What a request must bring beyond an identity.

mod predicate;
mod right;
mod rules;
#[cfg(test)]
mod tests;

pub use right::InvalidRight;
pub use rules::Requirements;
