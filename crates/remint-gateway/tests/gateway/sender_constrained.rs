use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use remint_jwt::{Algorithm, SigningKey};
use reqwest::header::HeaderValue;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Gateway, client};

const TRUST: &str = "[[trust]]\nname = 'idp'\nissuer = 'https://idp.example'\naudience = ['api']\n\
                     jwks_file = 'idp.json'\njust_in_time = true\n";
const DER: &[u8] = b"a certificate in DER";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A gateway that trusts a provider, and a token of it that is bound so.
fn trusting(idp: &SigningKey, more: &str, listen: &str) -> Gateway {
    let gateway = Gateway::new(&format!("{TRUST}{more}")).with_key_set("idp.json", idp);
    let public_url = format!("public_url = 'http://{}'\n", gateway.http);
    gateway.listening(&format!("{public_url}{listen}")).running()
}

fn bound(idp: &SigningKey, cnf: &Value) -> String {
    let claims = json!({
        "iss": "https://idp.example", "aud": "api", "sub": "bob", "client_id": "web", "jti": "t1",
        "iat": now(), "exp": now() + 60, "cnf": cnf,
    });
    idp.sign("at+jwt", &claims).unwrap()
}

fn proof(key: &SigningKey, gateway: &Gateway, token: &str, jti: &str, nonce: Option<&str>) -> String {
    let claims = json!({
        "jti": jti, "htm": "GET", "htu": format!("http://{}/v1/api-keys", gateway.http), "iat": now(),
        "ath": BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token)), "nonce": nonce,
    });
    key.sign_with_own_key("dpop+jwt", &claims).unwrap()
}

async fn ask(gateway: &Gateway, scheme: &str, token: &str, header: Option<(&str, &str)>) -> Response {
    let request = client().get(format!("http://{}/v1/api-keys", gateway.http));
    let request = request.header("authorization", format!("{scheme} {token}"));
    let request = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_token_bound_to_a_key_passes_with_a_proof_and_once() {
    let [idp, key] = [Algorithm::Es256, Algorithm::EdDSA].map(|algorithm| SigningKey::generate(algorithm).unwrap());
    let token = bound(&idp, &json!({ "jkt": key.public_jwk().thumbprint() }));
    let first = trusting(&idp, "[dpop]\nenabled = true\n", "");
    let once = proof(&key, &first, &token, "once", None);
    assert_eq!(ask(&first, "DPoP", &token, Some(("dpop", &once))).await.status(), StatusCode::OK);
    for (scheme, header) in [("DPoP", None), ("Bearer", None), ("DPoP", Some(("dpop", &*once)))] {
        let refused = ask(&first, scheme, &token, header).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{scheme} {header:?}");
        let challenges: Vec<_> = refused.headers().get_all("www-authenticate").iter().collect();
        let offered = |value: &&HeaderValue| value.to_str().unwrap().contains("algs=\"ES256 ES384 EdDSA\"");
        assert!(challenges.iter().any(offered), "{challenges:?}");
    }

    // Another gateway over the same store, at the same address for its clients.
    let shared = format!("[issuer]\nkeys = '{}'\n", first.path("keys").display());
    let store = first.path("remint.db");
    let more = format!("[dpop]\nenabled = true\n[api_keys]\nstore = 'sqlite://{}'\n{shared}", store.display());
    let mut second =
        Gateway::new(&format!("{TRUST}{more}")).listening(&format!("public_url = 'http://{}'\n", first.http));
    fs::copy(first.path("idp.json"), second.path("idp.json")).unwrap();
    second.start();
    assert_eq!(ask(&second, "DPoP", &token, Some(("dpop", &once))).await.status(), StatusCode::UNAUTHORIZED);
    let fresh = proof(&key, &first, &token, "fresh", None);
    assert_eq!(ask(&second, "DPoP", &token, Some(("dpop", &fresh))).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn with_a_secret_for_nonces_a_proof_has_one_of_them() {
    let [idp, key] = [Algorithm::Es256, Algorithm::Es256].map(|algorithm| SigningKey::generate(algorithm).unwrap());
    let token = bound(&idp, &json!({ "jkt": key.public_jwk().thumbprint() }));
    let gateway = trusting(&idp, "[dpop]\nenabled = true\nnonce_secret = 'canary-of-nonces-with-32-characters'\n", "");
    let without = proof(&key, &gateway, &token, "a", None);
    let refused = ask(&gateway, "DPoP", &token, Some(("dpop", &without))).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let nonce = refused.headers()["dpop-nonce"].to_str().unwrap();
    let with = proof(&key, &gateway, &token, "b", Some(nonce));
    assert_eq!(ask(&gateway, "DPoP", &token, Some(("dpop", &with))).await.status(), StatusCode::OK);
    assert!(!gateway.log().contains("canary"), "a secret is in the log");
}

#[tokio::test]
async fn without_the_section_no_proof_is_taken() {
    let [idp, key] = [Algorithm::Es256, Algorithm::Es256].map(|algorithm| SigningKey::generate(algorithm).unwrap());
    let token = bound(&idp, &json!({ "jkt": key.public_jwk().thumbprint() }));
    let gateway = trusting(&idp, "", "");
    let proof = proof(&key, &gateway, &token, "a", None);
    for scheme in ["DPoP", "Bearer"] {
        let refused = ask(&gateway, scheme, &token, Some(("dpop", &proof))).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{scheme}");
    }
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_passes_where_a_trusted_proxy_names_it() {
    let idp = SigningKey::generate(Algorithm::Es256).unwrap();
    let digest = Sha256::digest(DER);
    let token = bound(&idp, &json!({ "x5t#S256": BASE64_URL_SAFE_NO_PAD.encode(digest) }));
    let hex = digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let headers = [
        ("client-cert", format!(":{}:", BASE64_STANDARD.encode(DER))),
        ("x-forwarded-client-cert", format!("Hash={hex}")),
    ];
    for (proxies, named, believed) in [
        ("127.0.0.1", "client-cert", Some("client-cert")),
        ("127.0.0.1", "x-forwarded-client-cert", Some("x-forwarded-client-cert")),
        ("10.0.0.0/8", "client-cert", None),
        ("10.0.0.0/8", "x-forwarded-client-cert", None),
        ("127.0.0.1", "", None),
    ] {
        let listen = format!("trusted_proxies = ['{proxies}']\nclient_cert_header = '{named}'\n");
        let gateway = trusting(&idp, "", &listen);
        for (name, value) in &headers {
            let status = ask(&gateway, "Bearer", &token, Some((name, value))).await.status();
            let expected = if believed == Some(*name) { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            assert_eq!(status, expected, "{name} at {listen}");
        }
        assert_eq!(ask(&gateway, "Bearer", &token, None).await.status(), StatusCode::UNAUTHORIZED, "{listen}");
        let another = format!(":{}:", BASE64_STANDARD.encode(b"another"));
        let another = ask(&gateway, "Bearer", &token, Some(("client-cert", &another))).await;
        assert_eq!(another.status(), StatusCode::UNAUTHORIZED, "{listen}");
    }
}
