//! Limits and plans, and a counter of requests in this process.
//!
//! # Where it stands on the line
//!
//! Behind it: who is calling is known. `QuotaLayer` of `remint-tower` asks [`Quota`] for each request
//! and answers with 429 where a budget is empty.
//!
//! # The decision
//!
//! A request is allowed if and only if each limit that applies to it still holds its cost. A limit
//! applies if it stands in the caller's plan, is of the route's class or of none, and the caller has
//! what it is counted per: [`Per::User`] is the internal `sub`, so that all of a user's keys and
//! tokens share one budget (`live` and `test` ones too); [`Per::Tenant`] needs a tenant and
//! [`Per::Key`] an API key. The plan is the one the identity names (the user's own, or else the
//! tenant's); a name that is not configured, or none, means the default plan. A refused request is
//! charged to no limit.
//!
//! # The algorithm
//!
//! The generic cell rate algorithm: a budget holds `burst` units, and one comes back every
//! `window / quota` (rounded up to a nanosecond). A budget is one number, the moment at which it will
//! be full again. The clock of this workspace counts milliseconds; a limit of more than a thousand
//! units in a second therefore wants a burst of at least a millisecond's worth.
//!
//! [`MemoryCounter`] is ours, and not `governor`, since `governor` decides limit by limit and takes
//! nothing back: a request refused by its tenant's limit would have eaten of the user's. Here the
//! cells of one request are locked together (in one order, so that no two requests wait for each
//! other crosswise), checked, and charged only if all of them allow it.
//!
//! # What the deployment must guarantee
//!
//! [`MemoryCounter`] counts in one process: behind a load balancer each process grants the whole
//! quota. A shared counter is another [`QuotaCounter`](remint_core::QuotaCounter).
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use remint_core::{PlanName, SystemClock};
//! use remint_quota::{Limit, Per, Plan, Plans, Quota};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let minute = Duration::from_secs(60);
//! let free = Plan::new([Limit::new("user", 100, minute)?])?;
//! let team = Plan::new([
//!     Limit::new("user", 1000, minute)?.with_burst(200)?,
//!     Limit::new("tenant", 20_000, minute)?.per(Per::Tenant),
//!     Limit::new("exports", 10, minute)?.with_class("expensive"),
//! ])?;
//! let plans = Plans::new(free).with_plan(PlanName::new("team")?, team);
//! let quota = Quota::in_memory(plans, SystemClock);
//! # Ok(())
//! # }
//! ```
//!
//! # What this crate is not
//!
//! It bills nobody: that is `remint-usage`.

mod draw;
mod limit;
mod memory;
mod plan;
mod quota;
mod report;

pub use draw::{Charged, Draw};
pub use limit::{InvalidLimit, Limit, Per};
pub use memory::MemoryCounter;
pub use plan::{InvalidPlan, Plan, Plans};
pub use quota::Quota;
pub use report::Report;
