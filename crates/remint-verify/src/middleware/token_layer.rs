use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{Extensions, HeaderMap};
use remint_core::{Identity, Refusal};
use remint_credential::RequestHead;
use remint_guard::Policy;

use super::Telemetry;

/// A layer that asks for one kind of token.
pub trait TokenLayer: Send + Sync + 'static {
    /// What a token turns out to say: the request's extensions hold it in an `Arc`.
    type Proven: Send + Sync + 'static;

    /// How its requests are counted and logged.
    const TELEMETRY: Telemetry;

    /// What it demands of every request, and how it answers.
    fn policy(&self) -> &Policy;

    /// Verifies what a request presents, as far as that goes without waiting. `None`: it presents nothing.
    ///
    /// # Errors
    ///
    /// Why what it presents is not accepted.
    fn begin(&self, head: RequestHead<'_>) -> Result<Option<Progress<Self::Proven>>, Refusal>;

    /// Of whom the policy's requirements are asked.
    fn identity(proven: &Self::Proven) -> &Identity;

    /// Writes down in the extensions of a request that goes on what was found (what its token says, or that there is none),
    /// and what else the layer leaves for what is inside.
    fn record(&self, extensions: &mut Extensions, proven: Option<Arc<Self::Proven>>);

    /// Changes the headers of a request that presents a token.
    fn protect(headers: &mut HeaderMap);
}

/// How far a verification got without waiting.
#[expect(missing_debug_implementations, reason = "a verification that waits shows nothing of itself")]
pub enum Progress<T> {
    /// The token was verified before.
    Cached(Arc<T>),
    /// The token was verified now.
    Verified(Arc<T>),
    /// The key set has to be waited for.
    Waiting(Verifying<T>),
}

/// A verification that waits for the key set.
pub(crate) type Verifying<T> = Pin<Box<dyn Future<Output = Result<Arc<T>, Refusal>> + Send>>;
