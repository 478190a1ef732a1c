//! What answers to refused requests are written with: challenges, problem documents, `Retry-After`.

mod challenge;
mod problem;
mod retry_after;

pub use challenge::Challenge;
pub(crate) use problem::respond;
pub use problem::{NoMembers, ProblemDocument};
pub use retry_after::retry_after;
