//! What the harness saw of a run.

use std::time::Duration;

/// When something happened: the time since the run began, by the one monotonic clock of the harness.
pub type Moment = Duration;

/// A process that answers requests.
pub type Node = usize;

/// All that happened in a run, as the harness saw it. It says nothing of what should have happened.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// What requests are made with; others name them by their place here.
    pub credentials: Vec<Credential>,
    /// Every request.
    pub answers: Vec<Answer>,
    /// Every revocation that was asked for.
    pub revocations: Vec<Revocation>,
    /// What was done to the nodes.
    pub disturbances: Vec<Disturbance>,
    /// The nodes that follow another node's log over HTTP.
    pub followers: Vec<Node>,
    /// When nothing was revoked any more and every node had had the time to read everything.
    pub settled: Option<Moment>,
}

/// What requests are made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// What it is called in a report.
    pub name: String,
    /// When it ends. `None`: not by itself.
    pub expires: Option<Moment>,
    /// The credential that it was exchanged from.
    pub source: Option<usize>,
}

/// One request and what came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Who was asked.
    pub node: Node,
    /// With what.
    pub credential: usize,
    /// Before the first byte was written.
    pub sent: Moment,
    /// After the last byte was read, or when the connection broke.
    pub answered: Moment,
    /// The status; `None` if no answer came.
    pub status: Option<u16>,
}

/// One revocation that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// What it names, for people.
    pub target: String,
    /// The credentials that it ends.
    pub credentials: Vec<usize>,
    /// Before the first byte was written.
    pub sent: Moment,
    /// When its success was read. `None`: it failed, or nobody knows.
    pub acknowledged: Option<Moment>,
    /// The store has it no more: a failover or a backup took its row away.
    pub lost: bool,
}

/// Something that was done to a node, from and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disturbance {
    /// To whom.
    pub node: Node,
    /// What.
    pub kind: Disturbed,
    /// Before it was done.
    pub from: Moment,
    /// When it was over. [`Moment::MAX`]: it never was.
    pub until: Moment,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbed {
    /// It could not read the log.
    Blind,
    /// It did not run: killed, and with an empty cache from then on.
    Dead,
    /// It was suspended, and went on later.
    Suspended,
    /// Its clock was ahead by so many seconds, or behind.
    Clock(i64),
}
