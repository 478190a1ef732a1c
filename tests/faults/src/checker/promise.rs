use std::time::Duration;

use crate::history::{History, Node};

/// What the nodes promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// From so long after its acknowledgement on, no request that is sent passes a revocation.
    pub bound: Duration,
    /// How much longer that takes a node that follows over HTTP: one poll.
    pub poll: Duration,
    /// For so long cached credentials go on working while the log is gone.
    pub max_staleness: Duration,
    /// For so long after its end a credential may still pass, since clocks differ.
    pub leeway: Duration,
}

impl Promise {
    /// The bound of this node.
    pub(super) fn bound_of(self, node: Node, history: &History) -> Duration {
        if history.followers.contains(&node) { self.bound + self.poll } else { self.bound }
    }
}
