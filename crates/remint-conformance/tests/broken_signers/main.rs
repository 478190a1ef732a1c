//! A deliberately broken signer for each case of the suite: each case can fail. And signers that pass.

mod faulty;

use std::future::Future;
use std::sync::Arc;

use remint_conformance::signer::{LocalSigner, Severable, concurrency, outage, signatures};
use remint_jwt::Algorithm;

use self::faulty::{Fault, Faulty};

remint_conformance::signer_suite!(async || (LocalSigner::generate(Algorithm::Es256), ()));

remint_conformance::signer_outage_suite!(async || {
    let signer = Arc::new(Severable::new(LocalSigner::generate(Algorithm::EdDSA)));
    let (cut, mend) = (Arc::clone(&signer), Arc::clone(&signer));
    (signer, async move || cut.cut(), async move || mend.mend(), ())
});

mod rsa {
    use super::*;

    remint_conformance::signer_suite!(async || (LocalSigner::generate(Algorithm::Ps256), ()));
}

async fn fails(case: impl Future<Output = ()> + Send + 'static, fault: Fault) {
    assert!(tokio::spawn(case).await.is_err(), "it passed a signer that {fault:?}");
}

macro_rules! refutes {
    ($($group:ident: $case:ident, $fault:expr;)*) => {
        $(#[tokio::test(start_paused = true)]
        async fn $case() {
            fails($group::$case(Faulty::new($fault)), $fault).await;
        })*
    };
}

refutes! {
    signatures: a_signature_verifies_under_the_public_key, Fault::SignsWithAnotherKey;
    signatures: a_signature_covers_every_byte, Fault::Truncates;
    signatures: bytes_are_signed_as_they_are, Fault::Trims;
    signatures: a_signature_has_the_form_of_a_jws, Fault::AnswersInDer;
    signatures: algorithm_and_key_stay_the_same, Fault::ChangesItsKey;
    concurrency: many_at_once_get_their_own_signature, Fault::MixesCallersUp;
    concurrency: callers_who_go_away_cost_nobody_a_signature, Fault::LosesPermits;
}

macro_rules! refutes_in_an_outage {
    ($($case:ident, $name:ident, $fault:expr;)*) => {
        $(#[tokio::test(start_paused = true)]
        async fn $name() {
            let signer = Arc::new(Faulty::new($fault));
            let (cut, mend) = (Arc::clone(&signer), Arc::clone(&signer));
            fails(outage::$case(signer, async move || cut.cut(), async move || mend.mend()), $fault).await;
        })*
    };
}

refutes_in_an_outage! {
    an_outage_is_never_a_signature, a_made_up_signature, Fault::MakesUpSignatures;
    an_outage_is_never_a_signature, an_outage_of_somebody_else, Fault::BlamesTheStore;
    an_outage_is_never_a_signature, silence, Fault::FallsSilent;
    the_public_key_is_known_during_an_outage, a_key_that_is_forgotten, Fault::ForgetsItsKey;
    after_an_outage_it_signs_again, an_outage_for_good, Fault::StaysAway;
}
