//! The edge's verdict on a request, as data.
//!
//! # Where it stands on the line
//!
//! Between the line of `remint-normalize` and every surface: the layer of `remint-tower`, and whatever answers a proxy.
//! It joins what the line finds out about a credential with the [`Policy`](remint_guard::Policy) that requests are held
//! to. A surface gives it the head of a request and does what the verdict says; it decides nothing.
//!
//! # The decision
//!
//! [`Gate::decide`] takes the steps in this order:
//!
//! 1. A request for the policy's document of resource metadata is answered with it ([`Verdict::Document`]), whoever
//!    asks.
//! 2. A request whose credential may be used, and whose identity meets the policy's requirements, goes on
//!    ([`Verdict::Forward`]).
//! 3. A request without a credential goes on without an identity where the policy lets it pass.
//! 4. Everything else is refused ([`Verdict::Deny`]). A bad credential never passes as none.
//!
//! Every request is counted once, with its outcome: one whose credential is good and whose identity does not meet
//! the requirements is denied, and nothing else. A [`Waiting`] that is dropped before its verdict is counted as
//! abandoned.
//!
//! A refusal leaves one line in the log (target `remint`; `INFO`, and `WARN` for an outage), with its reason, with the
//! request's method and path, and with what the credential says of itself: the trust, `iss`, `kid`, the claim at fault
//! and the kind of value that stands there, the beginning or the id of an API key. Nobody has vouched for these names.
//! The line never holds the credential. The answer has the line's `request_id` in its header `x-request-id`.
//!
//! # What a surface does
//!
//! - [`Verdict::Forward`]: make the [`Edits`], give the identity to what is behind, set the [`ResponseHeaders`] in the
//!   answer. Where what is behind denies too, it [shares](remint_guard::Policy::share_denials) those of the policy.
//! - [`Verdict::Deny`]: answer with [`Denial::render`](remint_guard::Denial::render), in the terms of the request's
//!   [`RequestKind`](remint_guard::RequestKind).
//! - [`Verdict::Document`]: answer with it.
//!
//! # A hit is synchronous
//!
//! It allocates nothing, and its edits borrow the gate: no count that threads share is touched. Only a request that
//! has to wait, and one that is bound by DPoP, hold a handle of their own.
//!
//! # What the deployment must guarantee
//!
//! The surface states the client's address and certificate, or none: no header becomes one
//! ([`RequestHead`]). It gives every header line, and edits the headers that it gave.
//!
//! # Example
//!
//! ```
//! use http::Method;
//! use remint_gate::{Decision, Gate, RequestHead, Verdict};
//! use remint_guard::{Policy, RequestKind};
//!
//! # async fn answer(normalizer: remint_normalize::Normalizer) {
//! let gate = Gate::new(normalizer, Policy::new());
//! // What a proxy says of a request.
//! let lines: [(&[u8], &[u8]); 2] = [(b"host", b"api.example"), (b"X-API-Key", b"rmt_live_unknown")];
//! let head = RequestHead::new(&Method::GET, "/jobs", &lines[..]);
//! let verdict = match gate.decide(head) {
//!     Decision::Ready(verdict) => verdict,
//!     Decision::Waiting(waiting) => waiting.await,
//! };
//! match verdict {
//!     Verdict::Forward(forward) => forward.edits.each(&lines[..], |edit| println!("{edit:?}")),
//!     Verdict::Deny(denial) => drop(denial.render(RequestKind::of_head(head))),
//!     Verdict::Document(document) => drop(document),
//! }
//! # }
//! ```
//!
//! # Metrics
//!
//! | name | labels | what |
//! | --- | --- | --- |
//! | `remint_outcomes_total` | `outcome`, `kind`, `environment`, `reason` | one for each request |
//!
//! `outcome` is `allowed`, `anonymous`, `denied`, `unavailable` or `abandoned`; `kind` is `jwt`, `api_key`, `client`,
//! `other` (what an authenticator of your own knows), `session` (a session cookie that was refused) or `none`; `environment` is `live` or `test` where the outcome is `allowed`, else `none`; `reason` is
//! [`Refusal::reason`](remint_core::Refusal::reason), or `none`. Where a required predicate does not hold, the label
//! `detail` says its name.
//!
//! # What this crate is not
//!
//! It reads no socket and no body, and knows no framework.

mod decision;
mod edits;
mod gate;
mod parts;
mod response;
mod telemetry;
mod verdict;
mod waiting;

pub use decision::Decision;
pub use edits::Edits;
pub use gate::{Gate, dpop_challenge};
pub use remint_credential::{Edit, HeaderLines, RequestHead};
pub use response::ResponseHeaders;
pub use verdict::{Forward, Verdict};
pub use waiting::Waiting;
