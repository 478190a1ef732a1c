use std::sync::Arc;
use std::time::Duration;

use remint_core::{Unavailable, UnavailableKind};
use remint_jwt::{Jwk, JwkSet, UnsignedJws, VerifyingKey};
use serde::Serialize;

use crate::published::publish;
use crate::{IssuerError, Signer};

/// The one signing key, which is held elsewhere.
#[derive(Debug)]
pub(crate) struct RemoteKey {
    signer: Arc<dyn Signer>,
    verifying: VerifyingKey,
    published: Arc<JwkSet>,
}

impl RemoteKey {
    pub(crate) fn new(signer: Arc<dyn Signer>, also: Vec<Jwk>) -> Result<Self, IssuerError> {
        let algorithm = signer.algorithm();
        let own = signer.public_jwk().clone().identified(algorithm).map_err(IssuerError::PublicKey)?;
        let verifying = VerifyingKey::new(&own, algorithm).map_err(IssuerError::PublicKey)?;
        Ok(Self { signer, verifying, published: publish(own, also)? })
    }

    pub(crate) fn key_id(&self) -> &str {
        self.verifying.key_id().unwrap_or_default()
    }

    pub(crate) fn published(&self) -> Arc<JwkSet> {
        Arc::clone(&self.published)
    }

    /// Has claims signed. What comes back becomes a token only if it verifies: a signer that answers
    /// something else is out of order, and no service behind the edge is to hear of it.
    pub(crate) async fn sign(&self, typ: &str, claims: &(impl Serialize + Sync)) -> Result<String, Unavailable> {
        let unsigned = UnsignedJws::new(typ, &self.verifying, claims).map_err(out_of_order)?;
        let signing = self.signer.sign(unsigned.signing_input().as_bytes());
        let signature = match tokio::time::timeout(PATIENCE, signing).await {
            Ok(Ok(signature)) => signature,
            Ok(Err(outage)) if outage.kind() == UnavailableKind::Issuer => return Err(outage),
            Ok(Err(outage)) => return Err(out_of_order(outage)),
            Err(_) => return Err(out_of_order("the signer did not answer in time")),
        };
        unsigned.signed(&signature).map_err(|_| out_of_order("the signer's answer is no signature of its key"))
    }
}

fn out_of_order(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Unavailable {
    Unavailable::new(UnavailableKind::Issuer).with_source(cause)
}

/// A signer answers in bounded time by itself; one that does not, does not hold up everyone.
const PATIENCE: Duration = Duration::from_secs(10);
