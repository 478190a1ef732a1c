//! A client that makes proofs, sound ones and others.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, Method};
use remint_core::{Clock as _, DeniedKind};
use remint_dpop::{DpopVerifier, MemoryReplays, ProofRequest, Proven};
use remint_jwt::Jwk;
use remint_testkit::ManualClock;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const TOKEN: &str = "header.claims.signature";

/// A holder of a P-256 key.
pub(crate) struct Client(EcdsaKeyPair);

impl Client {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|number| BASE64_URL_SAFE_NO_PAD.encode(number));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }

    pub(crate) fn jkt(&self) -> [u8; 32] {
        Jwk::parse(self.jwk().to_string().as_bytes()).unwrap().thumbprint_bytes()
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    pub(crate) fn prove(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }
}

/// The claims of a proof for `GET /jobs` with [`TOKEN`], made now.
pub(crate) fn claims(clock: &ManualClock) -> Value {
    json!({
        "jti": "one",
        "htm": "GET",
        "htu": "https://api.example/jobs",
        "iat": clock.now().as_secs(),
        "ath": BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(TOKEN)),
    })
}

/// The same with these members, without those that are null.
pub(crate) fn with(mut object: Value, changes: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    object
}

pub(crate) fn verifier(clock: &ManualClock) -> DpopVerifier {
    DpopVerifier::new("https://api.example", MemoryReplays::new(1_000)).unwrap().with_clock(clock.clone())
}

pub(crate) fn headers(proofs: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for proof in proofs {
        headers.append("dpop", HeaderValue::from_str(proof).unwrap());
    }
    headers
}

/// The values of the `DPoP` lines.
pub(crate) fn dpop_lines(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all("dpop").iter().map(HeaderValue::as_bytes)
}

/// Checks it as the proof of `GET /jobs` with [`TOKEN`], bound to this key.
pub(crate) fn check(verifier: &DpopVerifier, proof: &str, jkt: [u8; 32]) -> Result<Proven, DeniedKind> {
    let headers = headers(&[proof]);
    verifier.check(ProofRequest::new(&Method::GET, "/jobs", dpop_lines(&headers)), TOKEN, &jkt)
}
