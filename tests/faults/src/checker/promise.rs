use std::time::Duration;

/// What the nodes promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// From so long after its acknowledgement on, no request that is sent passes a revocation.
    pub bound: Duration,
    /// For so long cached credentials go on working while the log is gone.
    pub max_staleness: Duration,
    /// For so long after its end a credential may still pass, since clocks differ.
    pub leeway: Duration,
}
