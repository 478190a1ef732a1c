//! Whatever is sent, the check ends, and accepts nothing.

use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;
use remint_dpop::ProofRequest;
use remint_testkit::ManualClock;
use serde_json::json;

use crate::support::{Client, TOKEN, check, claims, dpop_lines, verifier, with};

proptest! {
    #[test]
    fn no_bytes_panic_the_check(bytes in proptest::collection::vec(any::<u8>(), 0..300), path in "\\PC{0,40}") {
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            let headers = HeaderMap::from_iter([("dpop".parse().unwrap(), value)]);
            let request = ProofRequest::new(&Method::GET, &path, dpop_lines(&headers));
            prop_assert!(verifier(&ManualClock::default()).check(request, TOKEN, &[0; 32]).is_err());
        }
    }

    #[test]
    fn no_target_panics_the_check(htu in "(https?://api\\.example)?[ -~]{0,40}", path in "/?[ -~]{0,40}") {
        let (clock, client) = (ManualClock::default(), Client::new());
        let proof = client.prove(&with(claims(&clock), json!({ "htu": htu })));
        let headers = crate::support::headers(&[&proof]);
        let request = ProofRequest::new(&Method::GET, &path, dpop_lines(&headers));
        let _ = verifier(&clock).check(request, TOKEN, &client.jkt());
    }

    #[test]
    fn a_path_is_named_by_its_own_address_and_no_other(one in "(/[a-zA-Z0-9.~%_-]{0,6}){1,4}", other in "(/[a-zA-Z0-9_-]{1,6}){1,4}") {
        let (clock, client) = (ManualClock::default(), Client::new());
        let named = |path: &str, htu: &str| {
            let proof = client.prove(&with(claims(&clock), json!({ "htu": format!("https://api.example{htu}") })));
            let headers = crate::support::headers(&[&proof]);
            let request = ProofRequest::new(&Method::GET, path, dpop_lines(&headers));
            verifier(&clock).check(request, TOKEN, &client.jkt()).is_ok()
        };
        prop_assert!(named(&other, &other));
        // Where the router may see another path than the proof names, nothing is named.
        let has_dots = one.to_lowercase().replace("%2e", ".").split('/').any(|segment| segment == "." || segment == "..");
        if has_dots {
            prop_assert!(!named(&one, &other) && !named(&one, &one));
        } else {
            prop_assert_eq!(named(&one, &other), named(&other, &one));
        }
    }

    #[test]
    fn no_edit_of_a_proof_is_a_proof(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.=-]") {
        let (clock, client) = (ManualClock::default(), Client::new());
        let proof = client.prove(&claims(&clock));
        let at = at.index(proof.len());
        let mut edited = proof.clone();
        edited.replace_range(at..=at, &to);
        prop_assume!(edited != proof);
        prop_assert!(check(&verifier(&clock), &edited, client.jkt()).is_err());
    }
}
