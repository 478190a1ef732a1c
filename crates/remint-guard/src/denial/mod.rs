//! What the caller sees of a denial.

mod documents;
mod dpop;
mod hook;
mod outcome;
mod request_kind;
mod responder;
mod shape;
mod shared;
#[cfg(test)]
mod tests;

pub use dpop::DpopChallenge;
pub use hook::{DenialContext, DenialHook};
pub use request_kind::RequestKind;
pub use responder::{Denials, InvalidRealm};
