//! The layer gives the verdicts of the corpus.

use std::convert::Infallible;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use remint_conformance::verdicts::{
    Edge, Observation, StatedRequest, Surface, Upstream, World, rows, run, what_does_not_count,
};
use remint_core::{ClientAddr, ClientCertificate};
use remint_tower::NormalizeLayer;
use tower::{Layer, ServiceExt, service_fn};

/// The layer in front of an upstream that says what it saw.
#[derive(Debug)]
struct Layered(NormalizeLayer);

impl Layered {
    async fn new(edge: &Edge) -> Self {
        let setup = edge.setup();
        let mut layer = NormalizeLayer::new(edge.normalizer().clone())
            .with_requirements(setup.requirements())
            .with_denials(setup.denials());
        if setup.optional {
            layer = layer.optional();
        }
        if setup.preflight {
            layer = layer.allow_cors_preflight();
        }
        if let Some(metadata) = setup.metadata() {
            layer = layer.with_resource_metadata(&metadata);
        }
        Self(layer)
    }
}

#[async_trait]
impl Surface for Layered {
    async fn send(&self, stated: StatedRequest) -> Observation {
        let mut request = stated.request;
        stated.client.map(|client| request.extensions_mut().insert(ClientAddr(client)));
        stated.certificate.map(|certificate| request.extensions_mut().insert(ClientCertificate(certificate)));
        let Ok(response) = self.0.layer(service_fn(upstream)).oneshot(request).await;
        Observation::of(&response)
    }

    fn forwards_connection(&self) -> bool {
        true
    }
}

async fn upstream(request: Request<Bytes>) -> Result<Response<Bytes>, Infallible> {
    Ok(Upstream::of(&request).echo())
}

#[tokio::test]
async fn the_layer_gives_the_verdicts_of_the_corpus_cold_and_warm() {
    let failures = run(&World::new().await, &rows(), Layered::new).await;
    assert!(failures.is_empty(), "{failures:#?}");
}

#[tokio::test]
async fn every_part_of_every_row_counts() {
    let failures = what_does_not_count(&World::new().await, &rows(), Layered::new).await;
    assert!(failures.is_empty(), "{failures:#?}");
}
