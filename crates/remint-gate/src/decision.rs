use crate::{Verdict, Waiting};

/// What [`Gate::decide`](crate::Gate::decide) says.
#[derive(Debug)]
#[must_use = "a request that is not decided about must not go on"]
pub enum Decision<'g> {
    /// The verdict.
    Ready(Verdict<'g>),
    /// The verdict is yet to come.
    Waiting(Waiting),
}
