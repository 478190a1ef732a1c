use remint::Sqlite;
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::{app, edge, key_of};

/// The service on a socket of its own, and a client of it.
struct Running {
    client: HealthClient<Channel>,
    store: Sqlite,
    alice: String,
    bob: String,
}

impl Running {
    async fn start() -> Self {
        let store = Sqlite::in_memory().await.unwrap();
        let edge = edge(store.clone()).await.unwrap();
        let alice = key_of(&edge, "alice", "health:read").await.unwrap();
        let bob = key_of(&edge, "bob", "").await.unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(socket, app(&edge)).await });
        let channel = Endpoint::from_shared(url).unwrap().connect().await.unwrap();
        Self { client: HealthClient::new(channel), store, alice, bob }
    }

    async fn check(&self, metadata: &[(&'static str, &str)]) -> Result<Response<HealthCheckResponse>, Status> {
        let mut request = Request::new(HealthCheckRequest::default());
        for (name, value) in metadata {
            request.metadata_mut().append(*name, value.parse().unwrap());
        }
        self.client.clone().check(request).await
    }

    async fn code(&self, metadata: &[(&'static str, &str)]) -> Code {
        self.check(metadata).await.map_or_else(|status| status.code(), |_| Code::Ok)
    }
}

#[tokio::test]
async fn a_good_key_reaches_the_handler_which_reads_the_caller() {
    let service = Running::start().await;
    let scheme = format!("Api-Key {}", service.alice);
    for metadata in [("x-api-key", &*service.alice), ("authorization", &*scheme)] {
        for _ in ["cold", "warm"] {
            let response = service.check(&[metadata]).await.unwrap();
            assert_eq!(response.metadata().get("asked-by").unwrap(), "alice");
        }
    }
}

#[tokio::test]
async fn without_one_good_credential_a_call_is_unauthenticated() {
    let service = Running::start().await;
    let scheme = format!("Api-Key {}", service.alice);
    assert_eq!(service.code(&[]).await, Code::Unauthenticated);
    assert_eq!(service.code(&[("x-api-key", "rmt_live_nothing")]).await, Code::Unauthenticated);
    let both = [("x-api-key", &*service.alice), ("authorization", &*scheme)];
    assert_eq!(service.code(&both).await, Code::Unauthenticated);
}

#[tokio::test]
async fn a_caller_without_the_scope_is_denied_permission() {
    let service = Running::start().await;
    assert_eq!(service.code(&[("x-api-key", &service.bob)]).await, Code::PermissionDenied);
}

#[tokio::test]
async fn an_outage_is_unavailable_and_not_unauthenticated() {
    let service = Running::start().await;
    service.store.close().await;
    assert_eq!(service.code(&[("x-api-key", &service.alice)]).await, Code::Unavailable);
    assert_eq!(service.code(&[]).await, Code::Unauthenticated, "without a credential nobody has to be asked");
}
