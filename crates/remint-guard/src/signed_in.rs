//! For the tests of services: a layer that signs a test caller in.
//!
//! ```
//! use axum::{Router, body::Body, routing::get};
//! use remint_guard::{Caller, RequireLayer, SignedInLayer};
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! async fn me(caller: Caller) -> String {
//!     caller.subject.to_string()
//! }
//! let app = Router::new().route("/me", get(me)).route_layer(RequireLayer::scopes(["me"]));
//!
//! let signed_in = app.layer(SignedInLayer::new(&Caller::for_test("alice").with_scopes(["me"])));
//! let response = signed_in.oneshot(http::Request::get("/me").body(Body::empty()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), 200);
//! # }
//! ```

use std::sync::Arc;
use std::task::{Context, Poll};

use http::Request;
use remint_core::Identity;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Caller, set_caller};

/// Puts a caller's identity into every request, as the real layers do after they have verified
/// one. It verifies nothing: it is for tests.
#[derive(Debug, Clone)]
pub struct SignedInLayer {
    identity: Option<Arc<Identity>>,
}

impl SignedInLayer {
    /// Signs this caller in.
    #[must_use]
    pub fn new<E>(caller: &Caller<E>) -> Self {
        Self { identity: Some(Arc::clone(caller.identity())) }
    }

    /// Signs nobody in: every request is anonymous, as behind a layer that found no credential and let it pass.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { identity: None }
    }
}

impl<S> Layer<S> for SignedInLayer {
    type Service = SignedIn<S>;

    fn layer(&self, inner: S) -> SignedIn<S> {
        SignedIn { inner, identity: self.identity.clone() }
    }
}

/// The middleware of [`SignedInLayer`].
#[derive(Debug, Clone)]
pub struct SignedIn<S> {
    inner: S,
    identity: Option<Arc<Identity>>,
}

impl<S, B> Service<Request<B>> for SignedIn<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        set_caller(request.extensions_mut(), self.identity.clone());
        self.inner.call(request)
    }
}
