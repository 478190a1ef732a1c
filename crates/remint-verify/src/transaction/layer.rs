use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use remint_core::{DeniedKind, Refusal};
use remint_guard::{Denials, RequestKind, Requirements, is_cors_preflight};
use remint_token::Transaction;
use tower_layer::Layer;

use super::verifier::{Progress, Verifying};
use super::{TransactionVerifier, VerifyTransaction, telemetry};
use crate::future::{Judge, hint};

/// Lets requests pass that carry a transaction token, and tells the service what they are about.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct TransactionLayer {
    verifier: TransactionVerifier,
    optional: bool,
    allows_preflight: bool,
    requirements: Requirements,
    denials: Denials,
}

impl TransactionLayer {
    /// Requires a transaction token of every request.
    pub const fn new(verifier: TransactionVerifier) -> Self {
        Self {
            verifier,
            optional: false,
            allows_preflight: false,
            requirements: Requirements::new(),
            denials: Denials::new(),
        }
    }

    /// Lets requests without the header pass: with no transaction in the extensions. A bad token never
    /// passes.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Requires these scopes and this environment of every transaction. (A request that
    /// [`TransactionLayer::optional`] lets pass has none.)
    pub fn with_requirements(mut self, requirements: Requirements) -> Self {
        self.requirements = requirements;
        self
    }

    /// Answers with these denials.
    pub fn with_denials(mut self, denials: Denials) -> Self {
        self.denials = denials;
        self
    }

    /// Lets whatever looks like a CORS preflight ([`is_cors_preflight`]) pass without a token and without
    /// a transaction. Everybody can send such a request, with any body: handlers of `OPTIONS`, and of any method,
    /// must do nothing for it. A CORS layer outside needs none of this.
    pub const fn allow_cors_preflight(mut self) -> Self {
        self.allows_preflight = true;
        self
    }

    fn lets_preflight_pass<B>(&self, request: &Request<B>) -> bool {
        self.allows_preflight && is_cors_preflight(request.method(), request.headers())
    }

    /// What becomes of a request, as far as that can be said without waiting.
    pub(super) fn decide<B>(&self, request: &Request<B>) -> Result<Decision, Refusal> {
        match self.verifier.begin(request.headers())? {
            Some(Progress::Done(transaction)) => Ok(Decision::Transaction(self.meets_requirements(transaction)?)),
            Some(Progress::Waiting(verifying)) => Ok(Decision::Waiting(verifying)),
            None if self.optional || self.lets_preflight_pass(request) => {
                telemetry::absent();
                Ok(Decision::Absent)
            }
            None => Err(DeniedKind::NoCredential.into()),
        }
    }
}

impl Judge for TransactionLayer {
    type Proven = Transaction;

    fn meets_requirements(&self, transaction: Arc<Transaction>) -> Result<Arc<Transaction>, Refusal> {
        self.requirements.check(&transaction.identity)?;
        Ok(transaction)
    }

    fn refuse<B, ResBody: From<Bytes>>(&self, refusal: &Refusal, request: &Request<B>) -> Response<ResBody> {
        telemetry::refused(refusal, hint(refusal, request));
        self.denials.respond(refusal, RequestKind::of(request), &self.requirements).map(ResBody::from)
    }
}

impl<S> Layer<S> for TransactionLayer {
    type Service = VerifyTransaction<S>;

    fn layer(&self, inner: S) -> VerifyTransaction<S> {
        VerifyTransaction::new(inner, Arc::new(self.clone()))
    }
}

pub(super) enum Decision {
    Transaction(Arc<Transaction>),
    Absent,
    Waiting(Verifying),
}
