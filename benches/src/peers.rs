//! What one would use instead: each verifies the signature on every request.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use tower::Service;
use tower_oauth2_resource_server::layer::OAuth2ResourceServerLayer;
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;

use crate::service::Empty;
use crate::world::{IDP, Provider};

/// The claims that a service commonly reads.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    /// Whom the token names.
    pub sub: String,
    /// What they may do.
    pub scope: String,
    /// Their tenant.
    pub org_id: String,
}

/// The middleware that one writes by hand: `jsonwebtoken::decode`, claims into the extensions.
#[derive(Clone)]
pub struct Decode<S> {
    inner: S,
    key: Arc<DecodingKey>,
    validation: Arc<Validation>,
}

impl<S: std::fmt::Debug> std::fmt::Debug for Decode<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decode").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S> Decode<S> {
    /// Wraps a service; the key is parsed once.
    ///
    /// # Panics
    ///
    /// If the provider's key is not of this algorithm.
    pub fn new(inner: S, provider: &Provider, algorithm: Algorithm) -> Self {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let set: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&provider.jwks()).expect("a key set");
        let jwk = set.keys.first().expect("a key");
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[IDP]);
        validation.set_audience(&["api"]);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        Self { inner, key: Arc::new(DecodingKey::from_jwk(jwk).expect("a key")), validation: Arc::new(validation) }
    }

    fn claims<B>(&self, request: &Request<B>) -> Option<Claims> {
        let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let token = header.strip_prefix("Bearer ")?;
        jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation).ok().map(|data| data.claims)
    }
}

impl<S> Service<Request<()>> for Decode<S>
where
    S: Service<Request<()>, Response = Response<Empty>, Error = Infallible>,
    S::Future: Unpin,
{
    type Response = Response<Empty>;
    type Error = Infallible;
    type Future = futures::Either<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<()>) -> Self::Future {
        match self.claims(&request) {
            Some(claims) => {
                request.extensions_mut().insert(claims);
                futures::Either::Inner(self.inner.call(request))
            }
            None => {
                let mut response = Response::new(Empty);
                *response.status_mut() = StatusCode::UNAUTHORIZED;
                futures::Either::Denied(Some(response))
            }
        }
    }
}

/// `tower-oauth2-resource-server` with this provider's keys at hand.
///
/// # Panics
///
/// If it cannot be built.
pub async fn resource_server(provider: &Provider) -> OAuth2ResourceServerLayer<Empty, Claims> {
    let tenant = TenantConfiguration::static_builder(provider.jwks())
        .identifier(IDP)
        .audiences(&["api"])
        .build()
        .expect("a tenant");
    let server = OAuth2ResourceServer::<Claims>::builder().add_tenant(tenant).build().await;
    server.expect("a server").into_layer()
}

mod futures {
    use std::convert::Infallible;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http::Response;

    use crate::service::Empty;

    /// The inner service's future, or a denial.
    #[derive(Debug)]
    pub enum Either<F> {
        Inner(F),
        Denied(Option<Response<Empty>>),
    }

    impl<F: Future<Output = Result<Response<Empty>, Infallible>> + Unpin> Future for Either<F> {
        type Output = F::Output;

        fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
            match self.get_mut() {
                Self::Inner(future) => Pin::new(future).poll(context),
                Self::Denied(response) => Poll::Ready(Ok(response.take().expect("polled once"))),
            }
        }
    }
}
