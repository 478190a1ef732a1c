//! A token that brings its key along is read as such a one, and as nothing else.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use remint_jwt::{Algorithm, Claims, Jws, JwtErrorKind, MAX_TOKEN_LEN, SelfSigned};
use serde_json::{Value, json};

use crate::support::key;

/// A P-256 key that signs whatever header it is given.
struct Es256(EcdsaKeyPair);

impl Es256 {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|number| URL_SAFE_NO_PAD.encode(number));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }

    fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        let input = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

fn accept(token: &str) -> Result<Claims, JwtErrorKind> {
    let verified = SelfSigned::parse(token).and_then(SelfSigned::verify).map_err(|error| error.kind())?;
    Ok(verified.into_inner())
}

#[test]
fn a_proof_of_every_algorithm_verifies_under_the_key_it_brings() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let token = key.sign_with_own_key("dpop+jwt", &json!({ "jti": "a" })).unwrap();
        let proof = SelfSigned::parse(&token).unwrap();
        assert_eq!((proof.header().algorithm(), proof.header().token_type()), (algorithm, Some("dpop+jwt")));
        assert_eq!(proof.key().thumbprint(), key.key_id(), "the same key");
        assert_eq!(URL_SAFE_NO_PAD.encode(proof.key().thumbprint_bytes()), key.key_id());
        assert_eq!(proof.unverified_claims().get("jti"), Some(&"a".into()));
        assert_eq!(proof.verify().unwrap().get().get("jti"), Some(&"a".into()));
        assert_eq!(Jws::parse(&token).unwrap_err().kind(), JwtErrorKind::Structure, "it is no token");
    }
}

#[test]
fn a_token_without_a_key_of_its_own_is_no_proof() {
    let token = key(Algorithm::Es256).sign("dpop+jwt", &json!({ "jti": "a" })).unwrap();
    assert_eq!(accept(&token), Err(JwtErrorKind::Structure));
}

#[test]
fn a_key_of_somebody_else_does_not_verify() {
    let (signer, other) = (Es256::new(), Es256::new());
    let token = signer.sign(&other.header().to_string(), "{}");
    assert_eq!(accept(&token), Err(JwtErrorKind::Signature));
    assert!(accept(&signer.sign(&signer.header().to_string(), "{}")).is_ok());
}

#[test]
fn the_key_is_one_public_key_for_this_algorithm() {
    let signer = Es256::new();
    let with = |members: Value| {
        let mut jwk = signer.jwk();
        jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let mut header = signer.header();
        header["jwk"] = jwk;
        accept(&signer.sign(&header.to_string(), "{}"))
    };
    assert!(with(json!({ "use": "sig", "alg": "ES256", "kid": "k", "key_ops": ["verify"] })).is_ok());
    for (members, kind) in [
        (json!({ "d": URL_SAFE_NO_PAD.encode([1; 32]) }), JwtErrorKind::Structure),
        (json!({ "d": "" }), JwtErrorKind::Structure),
        (json!({ "k": "AA" }), JwtErrorKind::Structure),
        (json!({ "use": "enc" }), JwtErrorKind::Structure),
        (json!({ "key_ops": ["sign"] }), JwtErrorKind::Structure),
        (json!({ "alg": "ES384" }), JwtErrorKind::Structure),
        (json!({ "kty": "oct", "k": "AA" }), JwtErrorKind::Structure),
        (json!({ "crv": "secp256k1" }), JwtErrorKind::Structure),
        (json!({ "y": URL_SAFE_NO_PAD.encode([1; 32]) }), JwtErrorKind::Signature),
        (json!({ "x": "AA" }), JwtErrorKind::Structure),
    ] {
        assert_eq!(with(members.clone()), Err(kind), "{members}");
    }
    for jwk in [json!(null), json!([]), json!([signer.jwk()]), json!("https://evil.example"), json!({}), json!(true)] {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }).to_string();
        assert_eq!(accept(&signer.sign(&header, "{}")), Err(JwtErrorKind::Structure), "{header}");
    }
    let header = json!({ "alg": "EdDSA", "jwk": signer.jwk() }).to_string();
    assert_eq!(accept(&signer.sign(&header, "{}")), Err(JwtErrorKind::Algorithm));
}

#[test]
fn the_rules_for_tokens_hold_for_proofs() {
    let signer = Es256::new();
    let jwk = signer.jwk().to_string();
    for (header, claims, kind) in [
        (format!(r#"{{"alg":"none","jwk":{jwk}}}"#), "{}", JwtErrorKind::Algorithm),
        (format!(r#"{{"alg":"HS256","jwk":{jwk}}}"#), "{}", JwtErrorKind::Algorithm),
        (format!(r#"{{"alg":"ES256","jwk":{jwk},"jwk":{jwk}}}"#), "{}", JwtErrorKind::Structure),
        (format!(r#"{{"alg":"ES256","jwk":{jwk},"crit":["x"]}}"#), "{}", JwtErrorKind::Structure),
        (format!(r#"{{"alg":"ES256","jwk":{jwk},"b64":false}}"#), "{}", JwtErrorKind::Structure),
        (format!(r#"{{"alg":"ES256","jwk":{jwk},"jku":"https://evil.example"}}"#), "{}", JwtErrorKind::Structure),
        (format!(r#"{{"alg":"ES256","jwk":{jwk},"x5c":[]}}"#), "{}", JwtErrorKind::Structure),
        (format!(r#"{{"alg":"ES256","jwk":{jwk},"cty":"JWT"}}"#), "{}", JwtErrorKind::Structure),
        (format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#), r#"{"jti":"a","jti":"a"}"#, JwtErrorKind::Claim),
        (format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#), "[]", JwtErrorKind::Structure),
    ] {
        assert_eq!(accept(&signer.sign(&header, claims)), Err(kind), "{header} {claims}");
    }
    let good = signer.sign(&signer.header().to_string(), "{}");
    assert_eq!(accept(&format!("{good}.")), Err(JwtErrorKind::Structure));
    assert_eq!(accept(&format!("{good},{good}")), Err(JwtErrorKind::Structure));
    assert_eq!(accept(&"a".repeat(MAX_TOKEN_LEN + 1)), Err(JwtErrorKind::TooLong));
}

#[test]
fn debug_shows_no_claim_and_no_key() {
    let signer = Es256::new();
    let token = signer.sign(&signer.header().to_string(), r#"{"canary":"canary"}"#);
    let shown = format!("{:?}", SelfSigned::parse(&token).unwrap());
    assert!(!shown.contains("canary") && !shown.contains(signer.jwk()["x"].as_str().unwrap()));
}

proptest! {
    #[test]
    fn no_text_panics_the_parser(text in "\\PC*") {
        let _ = SelfSigned::parse(&text);
    }

    #[test]
    fn no_key_panics_the_parser(
        jwk in "\\{\"kty\":\"(EC|RSA|OKP|oct)\"(,\"(crv|x|y|n|e|d|use|alg|kid)\":(\"[A-Za-z0-9_-]{0,50}\"|null|1|\\[\\])){0,4}\\}",
        signature in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let header = format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#);
        let token = [header.as_bytes(), b"{}", &signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        prop_assert!(accept(&token).is_err());
    }

    #[test]
    fn every_edit_of_a_byte_is_refused(at in 0..1000_usize, to in "[A-Za-z0-9_.=-]") {
        let signer = Es256::new();
        let token = signer.sign(&signer.header().to_string(), r#"{"jti":"a"}"#);
        let at = at % token.len();
        let mut edited = token.clone();
        edited.replace_range(at..=at, &to);
        prop_assume!(edited != token);
        // The twin of a signature is not one edit away; a key's point with another byte is off the curve.
        prop_assert!(accept(&edited).is_err());
    }
}
