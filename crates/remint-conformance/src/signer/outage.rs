//! Cases of a signer whose key is taken away, and given back.

use std::time::Duration;

use remint_core::{Unavailable, UnavailableKind};
use remint_issuer::Signer;
use tokio::time::timeout;

use super::signatures::{verifies, verifying};

async fn asked(signer: &impl Signer) -> Result<Vec<u8>, Unavailable> {
    timeout(PATIENCE, signer.sign(b"a.b")).await.expect("an answer in bounded time")
}

/// Without the key there is no signature, and the fault is ours.
pub async fn an_outage_is_never_a_signature(signer: impl Signer, cut: impl AsyncFnOnce(), _: impl AsyncFnOnce()) {
    asked(&signer).await.expect("the signer answers");
    cut().await;
    for _ in 0..3 {
        let outage = asked(&signer).await;
        assert!(matches!(&outage, Err(error) if error.kind() == UnavailableKind::Issuer), "{outage:?}");
    }
}

/// What a signer is and what it publishes does not depend on whether it can be reached.
pub async fn the_public_key_is_known_during_an_outage(
    signer: impl Signer,
    cut: impl AsyncFnOnce(),
    _: impl AsyncFnOnce(),
) {
    let (algorithm, public) = (signer.algorithm(), signer.public_jwk().clone());
    cut().await;
    drop(asked(&signer).await);
    assert_eq!((signer.algorithm(), signer.public_jwk()), (algorithm, &public));
}

/// When the key is there again, so are signatures: within seconds, and nobody restarts anything.
pub async fn after_an_outage_it_signs_again(signer: impl Signer, cut: impl AsyncFnOnce(), mend: impl AsyncFnOnce()) {
    let key = verifying(&signer);
    assert!(verifies(&signer, &key, b"before").await);
    cut().await;
    drop(asked(&signer).await);
    mend().await;
    for _ in 0..SECONDS {
        if asked(&signer).await.is_ok() {
            assert!(verifies(&signer, &key, b"after").await);
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(asked(&signer).await.is_ok(), "the signer did not come back");
}

const PATIENCE: Duration = Duration::from_secs(30);
const SECONDS: u32 = 15;
