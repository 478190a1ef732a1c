use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};
use remint_core::Refusal;

use crate::{Denials, RequestKind, RequestTrace, Requirements};

/// A request that is refused: the reason, and all that its answer needs.
///
/// It borrows nothing, neither of the request nor of the [`Policy`](crate::Policy) that refused it, so that it can be
/// answered later and elsewhere.
#[derive(Debug, Clone)]
pub struct Denial(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    refusal: Refusal,
    hint: Option<&'static str>,
    denials: Denials,
    /// `None`: nothing beyond an identity.
    required: Option<Arc<Requirements>>,
    trace: Option<RequestTrace>,
}

impl Denial {
    #[cold]
    pub(super) fn new(
        refusal: Refusal,
        hint: Option<&'static str>,
        denials: Denials,
        required: Option<Arc<Requirements>>,
    ) -> Self {
        Self(Box::new(Parts { refusal, hint, denials, required, trace: None }))
    }

    /// The same of this request: the answer has its id, in the header `x-request-id`.
    #[must_use]
    pub fn with_trace(mut self, trace: RequestTrace) -> Self {
        self.0.trace = Some(trace);
        self
    }

    /// The status of the answer over HTTP: 400, 401, 403, 429 or 503, never a success.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        Denials::status(&self.0.refusal)
    }

    /// The answer, as [`Denials::respond`] makes it. Where a DPoP nonce is demanded it is made now, so that each
    /// answer has its own.
    #[must_use]
    #[cold]
    pub fn render(&self, kind: RequestKind) -> Response<Bytes> {
        let required = self.0.required.as_deref().unwrap_or(Requirements::NONE);
        let mut response = self.0.denials.respond(&self.0.refusal, kind, required);
        if let Some(trace) = &self.0.trace {
            trace.write(response.headers_mut());
        }
        response
    }

    /// Why, for metrics and the log. The caller learns no more than [`Denial::render`] says.
    #[must_use]
    pub const fn refusal(&self) -> &Refusal {
        &self.0.refusal
    }

    /// Which request it is, for the log.
    #[must_use]
    pub const fn trace(&self) -> Option<&RequestTrace> {
        self.0.trace.as_ref()
    }

    /// What an operator can do about it, for the log, where the request shows that.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        self.0.hint
    }
}
