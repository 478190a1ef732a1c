use std::sync::Arc;

use http::{Extensions, HeaderMap};
use remint_core::{Identity, Refusal};
use remint_credential::RequestHead;
use remint_guard::{Denials, Policy, Requirements};
use remint_token::Transaction;
use tower_layer::Layer;

use super::verifier::TELEMETRY;
use super::{TransactionVerifier, VerifyTransaction, header};
use crate::middleware::{Progress, Telemetry, TokenLayer};

/// Lets requests pass that carry a transaction token, and tells the service what they are about.
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct TransactionLayer {
    verifier: TransactionVerifier,
    policy: Policy,
}

impl TransactionVerifier {
    /// The layer that requires a transaction token of every request.
    pub fn layer(&self) -> TransactionLayer {
        TransactionLayer::new(self.clone())
    }
}

impl TransactionLayer {
    /// Requires a transaction token of every request.
    pub const fn new(verifier: TransactionVerifier) -> Self {
        Self { verifier, policy: Policy::new() }
    }

    /// Lets requests without the header pass: with no transaction in the extensions. A bad token never
    /// passes.
    pub fn optional(self) -> Self {
        self.with(Policy::optional)
    }

    /// Requires these scopes and this environment of every transaction. (A request that
    /// [`TransactionLayer::optional`] lets pass has none.)
    pub fn with_requirements(self, requirements: Requirements) -> Self {
        self.with(|policy| policy.with_requirements(requirements))
    }

    /// Answers with these denials, in place of those of the layer outside ([`Denials::share`]).
    pub fn with_denials(self, denials: Denials) -> Self {
        self.with(|policy| policy.with_denials(denials))
    }

    /// Lets whatever looks like a CORS preflight ([`is_cors_preflight`](remint_guard::is_cors_preflight)) pass without a token and without
    /// a transaction. Everybody can send such a request, with any body: handlers of `OPTIONS`, and of any method,
    /// must do nothing for it. A CORS layer outside needs none of this.
    pub fn allow_cors_preflight(self) -> Self {
        self.with(Policy::allow_cors_preflight)
    }

    fn with(self, change: impl FnOnce(Policy) -> Policy) -> Self {
        Self { policy: change(self.policy), ..self }
    }
}

impl TokenLayer for TransactionLayer {
    type Proven = Transaction;

    const TELEMETRY: Telemetry = TELEMETRY;

    fn policy(&self) -> &Policy {
        &self.policy
    }

    fn begin(&self, head: RequestHead<'_>) -> Result<Option<Progress<Transaction>>, Refusal> {
        self.verifier.begin(head.headers)
    }

    fn identity(proven: &Transaction) -> &Identity {
        &proven.identity
    }

    /// A transaction is no caller, and says nothing of one.
    fn record(&self, extensions: &mut Extensions, proven: Option<Arc<Transaction>>) {
        match proven {
            Some(proven) => {
                extensions.insert(proven);
            }
            None => {
                extensions.remove::<Arc<Transaction>>();
            }
        }
    }

    fn protect(headers: &mut HeaderMap) {
        header::mark_sensitive(headers);
    }
}

impl<S> Layer<S> for TransactionLayer {
    type Service = VerifyTransaction<S>;

    fn layer(&self, inner: S) -> VerifyTransaction<S> {
        VerifyTransaction::new(inner, Arc::new(self.clone()))
    }
}
