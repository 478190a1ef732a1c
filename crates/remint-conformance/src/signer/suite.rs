/// Calls `$stamp!` with the list of cases, once for each tier: the only place that names them.
#[doc(hidden)]
#[macro_export]
macro_rules! __signer_cases {
    ([$($stamp:tt)+] must $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            signatures: a_signature_verifies_under_the_public_key,
            signatures: a_signature_covers_every_byte,
            signatures: bytes_are_signed_as_they_are,
            signatures: a_signature_has_the_form_of_a_jws,
            signatures: algorithm_and_key_stay_the_same,
            concurrency: many_at_once_get_their_own_signature,
            concurrency: callers_who_go_away_cost_nobody_a_signature,
        }
    };
    ([$($stamp:tt)+] outage $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            outage: an_outage_is_never_a_signature,
            outage: the_public_key_is_known_during_an_outage,
            outage: after_an_outage_it_signs_again,
        }
    };
}

/// Stamps a test for each case that any signer must pass.
///
/// `$make` is an async function that gives a signer and whatever must live as long:
/// `async || (LocalSigner::generate(Algorithm::Es256), ())`. The caller needs `tokio` with its macros.
#[macro_export]
macro_rules! signer_suite {
    ($make:expr) => {
        mod signer_suite {
            use super::*;

            $crate::__signer_cases! { [$crate::signer_suite] must @ $make; }
        }
    };
    (@ $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::signer_suite! { @@ $make; $group $case })*
    };
    (@@ $make:expr; $group:ident $case:ident) => {
        #[tokio::test]
        async fn $case() {
            let make = $make;
            let (signer, _alive) = make().await;
            $crate::signer::$group::$case(signer).await;
        }
    };
}

/// Stamps a test for each case of a signer whose key can be taken away and given back.
///
/// `$make` is an async function that gives a signer, an async function that takes the key away, one
/// that gives it back, and whatever must live as long.
#[macro_export]
macro_rules! signer_outage_suite {
    ($make:expr) => {
        mod signer_outage_suite {
            use super::*;

            $crate::__signer_cases! { [$crate::signer_outage_suite] outage @ $make; }
        }
    };
    (@ $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::signer_outage_suite! { @@ $make; $group $case })*
    };
    (@@ $make:expr; $group:ident $case:ident) => {
        #[tokio::test]
        async fn $case() {
            let make = $make;
            let (signer, cut, mend, _alive) = make().await;
            $crate::signer::$group::$case(signer, cut, mend).await;
        }
    };
}
