use std::fmt;
use std::time::Duration;

use crate::history::{Answer, History};

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach {
    /// A request passed that was sent too long after its credential was revoked.
    Late {
        /// The request.
        answer: Answer,
        /// Which revocation, by its place in the history.
        revocation: usize,
        /// How long after the acknowledgement it was sent.
        after: Duration,
    },
    /// A request passed after its credential had ended by itself.
    Expired(Answer),
    /// What was made of a credential lives longer than that.
    Outlives {
        /// What was made.
        credential: usize,
    },
    /// A credential that was in the cache did not pass while the log was gone for less than was promised.
    GaveUp(Answer),
    /// A credential that nobody had revoked, and that had not ended, was refused as if it were.
    Refused(Answer),
    /// Long after the last revocation, one node accepts what another one refuses: something was done by half.
    Divided {
        /// With what.
        credential: usize,
    },
    /// A status that nobody expects.
    Unexpected(Answer),
}

impl Breach {
    /// The same for people.
    #[must_use]
    pub fn told<'a>(&'a self, history: &'a History) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| {
            let name = |credential: usize| history.credentials.get(credential).map_or("?", |known| &known.name);
            let of = |answer: &Answer| {
                let Answer { node, credential, sent, answered, status } = answer;
                format!("node {node}, {}, sent {sent:.3?}, answered {answered:.3?}, {status:?}", name(*credential))
            };
            match self {
                Self::Late { answer, revocation, after } => {
                    let target = history.revocations.get(*revocation).map_or("?", |known| &known.target);
                    write!(f, "accepted {after:.3?} after {target} was revoked: {}", of(answer))
                }
                Self::Expired(answer) => write!(f, "accepted after its end: {}", of(answer)),
                Self::Outlives { credential } => write!(f, "outlives what it was made of: {}", name(*credential)),
                Self::Divided { credential } => {
                    write!(f, "some nodes accept it and some refuse it, to the end: {}", name(*credential))
                }
                Self::GaveUp(answer) => write!(f, "cached, and did not pass while the log was gone: {}", of(answer)),
                Self::Refused(answer) => write!(f, "refused, though nobody had revoked it: {}", of(answer)),
                Self::Unexpected(answer) => write!(f, "unexpected: {}", of(answer)),
            }
        })
    }
}
