//! What the authorization server and its clients say to each other beside the tokens: written and read here.

mod restrictions;
mod unavailable;
pub mod urn;

pub use restrictions::{Restrictions, UnknownRestriction};
pub use unavailable::{unavailable_member, unavailable_part};

/// The member of an answer that is ours, in an answer of the token endpoint, of introspection, and in an error.
pub const REMINT_MEMBER: &str = "remint";
