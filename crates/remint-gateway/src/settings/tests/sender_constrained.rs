use std::time::Duration;

use remint::{DpopVerifier, MemoryReplays, Nonces, Timestamp};
use remint_testkit::ManualClock;

use super::super::ClientCertHeader;
use super::{SECRET, problems, settings};
use crate::settings::DpopSettings;

fn shown(settings: Option<&DpopSettings>) -> Option<String> {
    settings.map(|settings| format!("{:?}", settings.verifier(MemoryReplays::new(1)).unwrap()))
}

fn verifier() -> DpopVerifier {
    DpopVerifier::new("http://127.0.0.1:8480", MemoryReplays::new(1)).unwrap()
}

#[test]
fn proofs_are_taken_where_it_says_so_as_it_says() {
    for text in ["", "[dpop]\nenabled = false\nmax_age = '2m'\n"] {
        assert!(settings(text, &[]).dpop.is_none(), "{text}");
    }
    let on = settings("[dpop]\nenabled = true\n", &[]);
    assert_eq!(shown(on.dpop.as_ref()), Some(format!("{:?}", verifier())));
    for line in ["algorithms = [\"ES256\", \"ES384\", \"EdDSA\"]", "max_age = \"1m\"", "leeway = \"10s\""] {
        assert!(on.shown.lines().any(|shown| shown == line), "{line} is not in\n{}", on.shown);
    }

    let all = "[listen]\npublic_url = 'https://api.example/v2'\n[dpop]\nenabled = true\nalgorithms = ['ES256']\n\
               max_age = '2m'\nleeway = '1s'\nnonce_secret = { file = 'secret' }\n";
    let expected = DpopVerifier::new("https://api.example/v2", MemoryReplays::new(1))
        .unwrap()
        .with_algorithms(["ES256".parse().unwrap()])
        .with_max_age(Duration::from_secs(120))
        .with_leeway(Duration::from_secs(1))
        .with_nonces(Nonces::new(SECRET.as_bytes()).unwrap());
    let once = settings(all, &[]);
    assert_eq!(shown(once.dpop.as_ref()), Some(format!("{expected:?}")));
    let nonce = |verifier: DpopVerifier| verifier.with_clock(ManualClock::at(Timestamp::from_secs(1_000_000))).nonce();
    let ours = once.dpop.as_ref().unwrap().verifier(MemoryReplays::new(1)).unwrap();
    assert_eq!(nonce(ours), nonce(expected), "of the same secret");
    assert!(!once.shown.contains("canary") && !format!("{once:?}").contains("canary"));

    let again = settings(&once.shown, &[]);
    assert_eq!(once.shown, again.shown);
    assert_eq!(shown(once.dpop.as_ref()), shown(again.dpop.as_ref()));
}

#[test]
fn an_edge_without_keys_takes_proofs_too() {
    let exchange = "[exchange]\nissuer = 'https://auth.example'\naudience = 'internal'\nclient_id = 'edge-1'\n\
                    client_secret = 'canary-canary-canary-canary-canary-1'\n";
    let settings = settings(&format!("{exchange}[dpop]\nenabled = true\n"), &[]);
    assert!(settings.exchange.is_some() && settings.dpop.is_some());
}

#[test]
fn proofs_that_cannot_be_are_an_error_with_its_line() {
    for (text, line, expected) in [
        ("[dpop]\nenabled = 'yes'\n", 2, "`dpop.enabled`"),
        ("[dpop]\nenable = true\n", 2, "did you mean `enabled`"),
        ("[dpop]\nenabled = true\nalgorithms = []\n", 3, "no proof could be signed"),
        ("[dpop]\nalgorithms = ['ES256', 'HS256']\n", 2, "ES256"),
        ("[dpop]\nmax_age = '0s'\n", 2, "between 1s and 10m"),
        ("[dpop]\nmax_age = '11m'\n", 2, "between 1s and 10m"),
        ("[dpop]\nleeway = '61s'\n", 2, "at most 1m"),
        ("[dpop]\n\nnonce_secret = 'canary-canary-canary-canary-31b'\n", 3, "at least 32 bytes"),
        ("[dpop]\nnonce_secret = ''\n", 2, "it is empty"),
        (
            "[listen]\ntrusted_proxies = ['::1']\nclient_cert_header = 'client_cert'\n",
            3,
            "did you mean \"client-cert\"?",
        ),
        ("[listen]\n\nclient_cert_header = 'client-cert'\n", 3, "`listen.trusted_proxies` is empty"),
        ("[listen]\nclient_cert_headers = 'client-cert'\n", 2, "did you mean `client_cert_header`"),
    ] {
        let problems = problems(text, &[]);
        assert!(problems.contains(&format!("toml:{line}")), "line {line} of {text}:\n{problems}");
        assert!(problems.contains(expected), "{text}:\n{problems}");
        assert!(!problems.contains("canary"), "{problems}");
    }
}

#[test]
fn an_address_that_no_proof_can_name_goes_without_proofs_only() {
    let listen = "[listen]\npublic_url = 'https://bücher.example'\n";
    assert!(settings(listen, &[]).dpop.is_none());
    let problems = problems(&format!("{listen}[dpop]\nenabled = true\n"), &[]);
    assert!(problems.contains("toml:4") && problems.contains("`listen.public_url`"), "{problems}");
}

#[test]
fn the_header_of_the_certificate_is_one_of_two() {
    assert_eq!(settings("", &[]).listen.client_cert_header, ClientCertHeader::Nowhere);
    for (name, header) in [
        ("", ClientCertHeader::Nowhere),
        ("client-cert", ClientCertHeader::Rfc9440),
        ("Client-Cert", ClientCertHeader::Rfc9440),
        ("x-forwarded-client-cert", ClientCertHeader::Envoy),
    ] {
        let text = format!("[listen]\ntrusted_proxies = ['10.0.0.0/8']\nclient_cert_header = '{name}'\n");
        let once = settings(&text, &[]);
        assert_eq!(once.listen.client_cert_header, header, "{name}");
        assert_eq!(settings(&once.shown, &[]).listen.client_cert_header, header, "{name}");
    }
}
