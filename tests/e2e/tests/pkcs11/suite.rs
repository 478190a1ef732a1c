//! The conformance suite of signers, with each algorithm.

use remint_jwt::Algorithm;

use crate::hsm::{self, Hsm};

mod es256 {
    use super::*;

    remint_conformance::signer_suite!(async || {
        let hsm = Hsm::with_key(Algorithm::Es256).await;
        (hsm.signer().await, hsm)
    });
}

mod rs256 {
    use super::*;

    remint_conformance::signer_suite!(async || {
        let hsm = Hsm::with_key(Algorithm::Rs256).await;
        (hsm.builder().algorithm(Algorithm::Rs256).connect().await.unwrap(), hsm)
    });
}

mod ps256 {
    use super::*;

    remint_conformance::signer_suite!(async || {
        let hsm = Hsm::with_key(Algorithm::Ps256).await;
        (hsm.builder().algorithm(Algorithm::Ps256).connect().await.unwrap(), hsm)
    });
}

remint_conformance::signer_outage_suite!(async || {
    let hsm = Hsm::with_key(Algorithm::Es256).await;
    (hsm.signer().await, async || hsm::end(), async || hsm::start(), hsm)
});
