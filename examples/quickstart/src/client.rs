use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::Outcome;

/// A client for the servers of this process.
#[derive(Debug, Clone)]
pub(crate) struct Client(legacy::Client<HttpConnector, Body>);

impl Client {
    pub(crate) fn new() -> Self {
        Self(legacy::Client::builder(TokioExecutor::new()).build_http())
    }

    /// Sends a request as it is; the body of the answer is still to come.
    pub(crate) async fn send(&self, request: Request) -> Outcome<Response<Body>> {
        Ok(self.0.request(request).await?.map(Body::new))
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn fetch(&self, request: Request) -> Outcome<Response<Bytes>> {
        let (head, body) = self.send(request).await?.into_parts();
        Ok(Response::from_parts(head, Limited::new(body, LARGEST).collect().await?.to_bytes()))
    }
}

const LARGEST: usize = 1 << 20;
