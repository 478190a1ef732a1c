//! Each item of RFC 9449 §4.3 by itself: a proof that is sound but for one thing is refused.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, Method};
use remint_core::{Clock as _, DeniedKind};
use remint_dpop::{DpopVerifier, Nonces, ProofRequest};
use remint_jwt::{Algorithm, SigningKey};
use remint_testkit::ManualClock;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Client, TOKEN, check, claims, dpop_lines, headers, verifier, with};

struct Desk {
    clock: ManualClock,
    verifier: DpopVerifier,
    client: Client,
}

impl Desk {
    fn new() -> Self {
        let clock = ManualClock::default();
        Self { verifier: verifier(&clock), clock, client: Client::new() }
    }

    fn verdict(&self, header: &Value, claims: &Value) -> Option<DeniedKind> {
        check(&self.verifier, &self.client.sign(header, claims), self.client.jkt()).err()
    }

    fn of_claims(&self, changes: Value) -> Option<DeniedKind> {
        self.verdict(&self.client.header(), &with(claims(&self.clock), changes))
    }

    fn of_header(&self, changes: Value) -> Option<DeniedKind> {
        self.verdict(&with(self.client.header(), changes), &claims(&self.clock))
    }
}

const REFUSED: Option<DeniedKind> = Some(DeniedKind::DpopProof);

#[test]
fn a_sound_proof_is_accepted() {
    let desk = Desk::new();
    assert_eq!(desk.of_claims(json!({})), None);
    assert_eq!(desk.of_claims(json!({ "more": "claims", "nonce": "unasked" })), None);
    assert_eq!(desk.of_header(json!({ "kid": "k" })), None);
}

#[test]
fn item_1_one_header() {
    let desk = Desk::new();
    let proofs = ["one", "two"].map(|jti| desk.client.prove(&with(claims(&desk.clock), json!({ "jti": jti }))));
    let verdict = |headers: HeaderMap| {
        let request = ProofRequest::new(&Method::GET, "/jobs", dpop_lines(&headers));
        desk.verifier.check(request, TOKEN, &desk.client.jkt()).err()
    };
    assert_eq!(verdict(headers(&[&proofs[0]])), None);
    assert_eq!(verdict(headers(&[])), REFUSED);
    assert_eq!(verdict(headers(&[&proofs[0], &proofs[1]])), REFUSED);
    assert_eq!(verdict(headers(&[&proofs[0], &proofs[0]])), REFUSED);
    assert_eq!(verdict(headers(&[&proofs[0], ""])), REFUSED);
}

#[test]
fn item_2_one_well_formed_jwt() {
    let desk = Desk::new();
    let good = desk.client.prove(&claims(&desk.clock));
    let long = desk.client.prove(&with(claims(&desk.clock), json!({ "more": "x".repeat(4096) })));
    for bad in
        ["", "x", "a.b.c", &good[1..], &good[..good.len() - 1], &format!("{good},{good}"), &format!("{good}.x"), &long]
    {
        assert_eq!(check(&desk.verifier, bad, desk.client.jkt()).err(), REFUSED, "{bad}");
    }
    let mut bytes = good.into_bytes();
    bytes.push(0xe4);
    let headers = HeaderMap::from_iter([("dpop".parse().unwrap(), HeaderValue::from_bytes(&bytes).unwrap())]);
    let request = ProofRequest::new(&Method::GET, "/jobs", dpop_lines(&headers));
    assert_eq!(desk.verifier.check(request, TOKEN, &desk.client.jkt()).err(), REFUSED);
}

#[test]
fn item_2_a_proof_has_a_longest_length() {
    let desk = Desk::new();
    let of = |more: usize| desk.client.prove(&with(claims(&desk.clock), json!({ "more": "x".repeat(more) })));
    let room = (0..4096).rev().find(|more| of(*more).len() <= 4096).unwrap();
    assert!(check(&desk.verifier, &of(room), desk.client.jkt()).is_ok());
    assert_eq!(check(&desk.verifier, &of(room + 1), desk.client.jkt()).err(), REFUSED);
}

#[test]
fn item_3_every_claim_is_there_and_of_its_type() {
    let desk = Desk::new();
    for name in ["jti", "htm", "htu", "iat", "ath"] {
        for value in [json!(null), json!(true), json!([]), json!({}), json!(""), json!(1.5)] {
            assert_eq!(desk.of_claims(json!({ name: value })), REFUSED, "{name}: {value}");
        }
    }
    assert_eq!(desk.of_claims(json!({ "jti": "j".repeat(256) })), None);
    assert_eq!(desk.of_claims(json!({ "jti": "j".repeat(257) })), REFUSED);
}

#[test]
fn item_4_the_type() {
    let desk = Desk::new();
    for typ in
        [json!(null), json!("jwt"), json!("at+jwt"), json!("dpop"), json!("DPOP+JWT"), json!("dpop+jwt "), json!("")]
    {
        assert_eq!(desk.of_header(json!({ "typ": typ })), REFUSED, "{typ}");
    }
}

#[test]
fn item_5_the_algorithm() {
    let desk = Desk::new();
    for alg in ["none", "HS256", "ES384", "RS256", "es256", ""] {
        assert_eq!(desk.of_header(json!({ "alg": alg })), REFUSED, "{alg}");
    }
    for (algorithm, accepted) in
        [(Algorithm::Es256, true), (Algorithm::Es384, true), (Algorithm::EdDSA, true), (Algorithm::Rs256, false)]
    {
        let key = SigningKey::generate(algorithm).unwrap();
        let proof = key.sign_with_own_key("dpop+jwt", &claims(&desk.clock)).unwrap();
        let jkt = key.public_jwk().thumbprint_bytes();
        assert_eq!(check(&desk.verifier, &proof, jkt).is_ok(), accepted, "{algorithm} by default");
        let others = Algorithm::ALL.into_iter().filter(|other| *other != algorithm);
        assert_eq!(check(&desk.verifier.clone().with_algorithms(others), &proof, jkt).err(), REFUSED, "{algorithm}");
        assert!(check(&desk.verifier.clone().with_algorithms([algorithm]), &proof, jkt).is_ok(), "{algorithm}");
    }
}

#[test]
fn item_6_the_signature() {
    let desk = Desk::new();
    // Somebody who knows the key but does not have it.
    let thief = Client::new();
    let forged = thief.sign(&desk.client.header(), &claims(&desk.clock));
    assert_eq!(check(&desk.verifier, &forged, desk.client.jkt()).err(), REFUSED);
    // Another's signature, and other claims under a good one.
    let [one, two] = ["one", "two"].map(|jti| desk.client.prove(&with(claims(&desk.clock), json!({ "jti": jti }))));
    let mixed = format!("{}.{}", one.rsplit_once('.').unwrap().0, two.rsplit_once('.').unwrap().1);
    assert_eq!(check(&desk.verifier, &mixed, desk.client.jkt()).err(), REFUSED);
}

#[test]
fn item_7_no_private_key() {
    let desk = Desk::new();
    let leaked = with(desk.client.jwk(), json!({ "d": BASE64_URL_SAFE_NO_PAD.encode([1; 32]) }));
    assert_eq!(desk.of_header(json!({ "jwk": leaked })), REFUSED);
    for jwk in [json!(null), json!("x"), json!({ "kty": "oct", "k": "AA" })] {
        assert_eq!(desk.of_header(json!({ "jwk": jwk })), REFUSED, "{jwk}");
    }
}

#[test]
fn item_8_the_method() {
    let desk = Desk::new();
    for htm in ["POST", "get", "HEAD", "GET ", "*"] {
        assert_eq!(desk.of_claims(json!({ "htm": htm })), REFUSED, "{htm}");
    }
}

#[test]
fn item_9_the_target() {
    let desk = Desk::new();
    for htu in [
        "https://api.example/job",
        "https://api.example/jobs/",
        "https://api.example/",
        "http://api.example/jobs",
        "https://other.example/jobs",
        "https://api.example:8443/jobs",
        "/jobs",
    ] {
        assert_eq!(desk.of_claims(json!({ "htu": htu })), REFUSED, "{htu}");
    }
    for htu in
        ["HTTPS://API.EXAMPLE:443/jobs", "https://api.example/%6Aobs?page=2#top", "https://api.example/x/../jobs"]
    {
        assert_eq!(desk.of_claims(json!({ "htu": htu })), None, "{htu}");
    }
}

#[test]
fn item_9_a_path_with_dot_segments_is_refused_whatever_the_proof_names() {
    let desk = Desk::new();
    let verdict = |path: &str, htu: &str| {
        let htu = format!("https://api.example{htu}");
        let headers = headers(&[&desk.client.prove(&with(claims(&desk.clock), json!({ "htu": htu })))]);
        let request = ProofRequest::new(&Method::GET, path, dpop_lines(&headers));
        desk.verifier.check(request, TOKEN, &desk.client.jkt()).err()
    };
    for up in ["..", "%2e%2e", "%2E%2E", ".%2e", "%2E.", "%2e%2E"] {
        let path = format!("/files/{up}/public/status");
        for htu in ["/public/status", &path, "/files/public/status", "/other"] {
            assert_eq!(verdict(&path, htu), Some(DeniedKind::DotSegment), "{path} {htu}");
        }
    }
    for path in ["/./jobs", "/jobs/.", "/jobs/%2e"] {
        assert_eq!(verdict(path, path), Some(DeniedKind::DotSegment), "{path}");
    }
    for path in ["/a%7Eb", "/..%2fjobs", "//jobs", "/jobs;v=1", "/.well-known/jobs"] {
        assert_eq!(verdict(path, path), None, "{path}");
    }
    for (path, htu) in [("/%7Ejobs", "/~jobs"), ("/~jobs", "/%7ejobs"), ("/a%2fb", "/a%2Fb")] {
        assert_eq!(verdict(path, htu), None, "{path} {htu}");
    }
    for (path, htu) in [("/..%2fjobs", "/jobs"), ("/a/..%2F..%2Fjobs", "/jobs"), ("//jobs", "/jobs")] {
        assert_eq!(verdict(path, htu), REFUSED, "{path} {htu}");
    }
}

#[test]
fn item_9_no_header_says_where_we_are() {
    let desk = Desk::new();
    let proof = desk.client.prove(&with(claims(&desk.clock), json!({ "htu": "https://evil.example/jobs" })));
    let mut headers = headers(&[&proof]);
    for (name, value) in
        [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example;proto=https")]
    {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let request = ProofRequest::new(&Method::GET, "/jobs", dpop_lines(&headers));
    assert_eq!(desk.verifier.check(request, TOKEN, &desk.client.jkt()).err(), REFUSED);
}

#[test]
fn item_10_the_nonce_where_one_is_demanded() {
    let mut desk = Desk::new();
    desk.verifier = desk.verifier.with_nonces(Nonces::new(&[7; 32]).unwrap());
    let nonce = desk.verifier.nonce().unwrap();
    let nonce = nonce.to_str().unwrap();
    assert_eq!(desk.of_claims(json!({ "nonce": nonce })), None);
    for bad in [json!(null), json!(""), json!("x"), json!(1), json!([nonce]), json!(format!("{nonce}x"))] {
        assert_eq!(desk.of_claims(json!({ "nonce": bad })), Some(DeniedKind::DpopNonce), "{bad}");
    }
    assert_eq!(desk.of_claims(json!({ "htm": "POST" })), REFUSED, "nobody is asked for a nonce in an unsound proof");
    desk.clock.advance(Duration::from_secs(120));
    assert_eq!(desk.of_claims(json!({ "nonce": nonce })), Some(DeniedKind::DpopNonce), "it is over");
    assert_ne!(desk.verifier.nonce().unwrap(), nonce);
    assert_eq!(verifier(&desk.clock).nonce(), None);
}

#[test]
fn item_11_the_time() {
    let desk = Desk::new();
    let now = desk.clock.now().as_secs();
    for (iat, verdict) in
        [(now - 60, None), (now - 61, REFUSED), (now + 10, None), (now + 11, REFUSED), (0, REFUSED), (1 << 52, REFUSED)]
    {
        assert_eq!(desk.of_claims(json!({ "iat": iat })), verdict, "{iat}");
    }
    assert_eq!(desk.of_claims(json!({ "iat": now.to_string() })), REFUSED);
    for (exp, verdict) in [(now, REFUSED), (now + 1, None)] {
        assert_eq!(desk.of_claims(json!({ "exp": exp })), verdict, "exp {exp}");
    }
    for (nbf, verdict) in [(now + 10, None), (now + 11, REFUSED)] {
        assert_eq!(desk.of_claims(json!({ "nbf": nbf })), verdict, "nbf {nbf}");
    }
    assert_eq!(desk.of_claims(json!({ "nbf": now, "iat": now + 11 })), REFUSED, "one of the two lies ahead");
    assert_eq!(desk.of_claims(json!({ "exp": "x" })), REFUSED);
    assert_eq!(desk.of_claims(json!({ "nbf": "x" })), REFUSED);
}

#[test]
fn item_11_the_window_is_a_setting() {
    let mut desk = Desk::new();
    desk.verifier = desk.verifier.with_max_age(Duration::from_secs(5)).with_leeway(Duration::from_secs(1));
    let now = desk.clock.now().as_secs();
    for (iat, verdict) in [(now - 5, None), (now - 6, REFUSED), (now + 1, None), (now + 2, REFUSED)] {
        assert_eq!(desk.of_claims(json!({ "iat": iat })), verdict, "{iat}");
    }
}

#[test]
fn item_12_the_token() {
    let desk = Desk::new();
    let other = Sha256::digest("another.token.altogether");
    let own = Sha256::digest(TOKEN);
    assert_eq!(desk.of_claims(json!({ "ath": BASE64_URL_SAFE_NO_PAD.encode(other) })), REFUSED);
    assert_eq!(desk.of_claims(json!({ "ath": format!("{}=", BASE64_URL_SAFE_NO_PAD.encode(own)) })), REFUSED);
    assert_eq!(desk.of_claims(json!({ "ath": TOKEN })), REFUSED);
}

#[test]
fn item_12_the_key() {
    let desk = Desk::new();
    let thief = Client::new();
    let proof = thief.prove(&claims(&desk.clock));
    assert!(check(&desk.verifier, &proof, thief.jkt()).is_ok(), "of a token of their own");
    assert_eq!(check(&desk.verifier, &proof, desk.client.jkt()).err(), REFUSED, "of a stolen one");
}

#[test]
fn a_public_url_may_have_a_path() {
    let desk = Desk::new();
    let verifier = DpopVerifier::new("https://api.example/v1", remint_dpop::MemoryReplays::new(1)).unwrap();
    let verifier = verifier.with_clock(desk.clock.clone());
    for (htu, accepted) in [("https://api.example/v1/jobs", true), ("https://api.example/jobs", false)] {
        let proof = desk.client.prove(&with(claims(&desk.clock), json!({ "htu": htu })));
        assert_eq!(check(&verifier, &proof, desk.client.jkt()).is_ok(), accepted, "{htu}");
    }
    assert!(DpopVerifier::new("api.example", remint_dpop::MemoryReplays::new(1)).is_err());
}
