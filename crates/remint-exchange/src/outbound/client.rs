use tower_service::Service;

/// A client that takes no header of a request to another origin than the request's.
///
/// # Contract
///
/// - A redirect to another origin is not followed, or followed without the headers that hold a token.
///
/// Clients of `http::Request` are taken as they are: hyper follows no redirect. A service that follows them, such
/// as `FollowRedirect` of `tower-http`, belongs *outside* the [`Outbound`](super::Outbound), which then sees where
/// each request goes; beneath it, it would take a `Txn-Token` along.
#[diagnostic::on_unimplemented(
    message = "`{Self}` may take a token along when it is redirected",
    note = "for `reqwest`, use `remint_exchange::outbound::ReqwestClient`"
)]
pub trait OutboundClient<R>: Service<R> {}

impl<S, B> OutboundClient<http::Request<B>> for S where S: Service<http::Request<B>> {}

#[cfg(feature = "reqwest")]
mod of_reqwest {
    use std::task::{Context, Poll};

    use reqwest::redirect::{Attempt, Policy};
    use tower_service::Service;

    use super::OutboundClient;

    /// A `reqwest` client that follows redirects within one origin only. By itself, `reqwest` removes
    /// `Authorization` from a request that it sends elsewhere, and leaves all other headers in it.
    #[derive(Debug, Clone)]
    pub struct ReqwestClient(reqwest::Client);

    impl ReqwestClient {
        /// The client of this builder, whose redirect policy is replaced. A redirect to another origin is
        /// the answer, with its status of 3xx.
        ///
        /// # Errors
        ///
        /// As [`reqwest::ClientBuilder::build`].
        pub fn new(builder: reqwest::ClientBuilder) -> Result<Self, reqwest::Error> {
            builder.redirect(Policy::custom(within_one_origin)).build().map(Self)
        }
    }

    fn within_one_origin(attempt: Attempt<'_>) -> reqwest::redirect::Action {
        let is_same = attempt.previous().last().is_some_and(|previous| previous.origin() == attempt.url().origin());
        if is_same && attempt.previous().len() <= MAX_REDIRECTS { attempt.follow() } else { attempt.stop() }
    }

    impl Service<reqwest::Request> for ReqwestClient {
        type Response = reqwest::Response;
        type Error = reqwest::Error;
        type Future = <reqwest::Client as Service<reqwest::Request>>::Future;

        fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            Service::poll_ready(&mut self.0, context)
        }

        fn call(&mut self, request: reqwest::Request) -> Self::Future {
            Service::call(&mut self.0, request)
        }
    }

    impl OutboundClient<reqwest::Request> for ReqwestClient {}

    const MAX_REDIRECTS: usize = 10;
}

#[cfg(feature = "reqwest")]
pub use of_reqwest::ReqwestClient;
