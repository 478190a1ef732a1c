use std::fmt::Debug;
use std::net::IpAddr;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;

use super::Observation;

/// Anything that takes a request and forwards or answers it: a layer, a gate, a proxy with an edge beside it.
///
/// # Contract
///
/// - Each request is a request of its own: nothing but the edge behind the surface remembers anything.
/// - The upstream reports what it saw ([`Upstream::echo`](super::Upstream::echo)), and is reached by nothing but what
///   the surface forwards.
/// - What is stated of the client reaches the edge as the surface states it: no header says it.
#[async_trait]
pub trait Surface: Debug + Send + Sync {
    /// Sends one request and says what became of it.
    async fn send(&self, request: StatedRequest) -> Observation;

    /// Whether the upstream sees the client's `Connection` header. A proxy replaces it, and then only that it
    /// names no credential is judged.
    fn forwards_connection(&self) -> bool;
}

/// A request with what its connection says of the client.
#[derive(Debug)]
pub struct StatedRequest {
    /// The request: the target has neither scheme nor authority.
    pub request: Request<Bytes>,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The SHA-256 digest of the certificate that the client proved to hold.
    pub certificate: Option<[u8; 32]>,
}
