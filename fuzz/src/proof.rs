//! DPoP proofs, and the address that they name.

use std::cell::OnceCell;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderValue, Method};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use remint::{Algorithm, DpopVerifier, MemoryReplays, SigningKey};
use remint_dpop::ProofRequest;
use serde_json::json;
use sha2::{Digest as _, Sha256};

const TOKEN: &str = "header.claims.signature";
const PUBLIC: &str = "https://api.example/v1";

thread_local! {
    static DESK: OnceCell<(DpopVerifier, SigningKey)> = const { OnceCell::new() };
}

/// The values of the `DPoP` lines.
fn dpop_lines(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all("dpop").iter().map(HeaderValue::as_bytes)
}

fn desk<T>(work: impl FnOnce(&DpopVerifier, &SigningKey) -> T) -> T {
    DESK.with(|desk| {
        let (verifier, key) = desk.get_or_init(|| {
            let verifier = DpopVerifier::new(PUBLIC, MemoryReplays::new(10)).expect("an address");
            (verifier, SigningKey::generate(Algorithm::EdDSA).expect("a key"))
        });
        work(verifier, key)
    })
}

/// Whether a sound proof that names `htu` is good for a request to `path`, with these further headers.
fn names(htu: &str, path: &str, further: &[(&'static str, &'static str)]) -> bool {
    desk(|verifier, key| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let ath = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(TOKEN));
        let claims = json!({ "jti": "one", "htm": "GET", "htu": htu, "iat": now, "ath": ath });
        let proof = key.sign_with_own_key("dpop+jwt", &claims).expect("a proof");
        let Ok(proof) = HeaderValue::try_from(proof) else { return false };
        let mut headers = HeaderMap::from_iter([("dpop".parse().expect("a name"), proof)]);
        for (name, value) in further {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let request = ProofRequest::new(&Method::GET, path, dpop_lines(&headers));
        verifier.check(request, TOKEN, &key.public_jwk().thumbprint_bytes()).is_ok()
    })
}

/// The first line is what a proof names, the second the path of the request; the whole is a proof as well.
pub fn holds(bytes: &[u8]) {
    if let Ok(header) = HeaderValue::from_bytes(bytes) {
        let headers = HeaderMap::from_iter([("dpop".parse().expect("a name"), header)]);
        let request = ProofRequest::new(&Method::GET, "/jobs", dpop_lines(&headers));
        assert!(desk(|verifier, _| verifier.check(request, TOKEN, &[0; 32]).is_err()), "nobody signed that");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((htu, path)) = text.split_once('\n') else { return };
    if htu.len() > 1_000 {
        return;
    }
    let elsewhere =
        [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")];
    let is_named = names(htu, path, &[]);
    assert_eq!(names(htu, path, &elsewhere), is_named, "no header says where we are");
    let dots = path.replace("%2e", ".").replace("%2E", ".");
    let has_dot_segment = dots.split('/').any(|segment| matches!(segment, "." | ".."));
    if has_dot_segment || !path.starts_with('/') {
        assert!(!is_named, "{htu} {path}");
    }
    if is_named {
        let lower = htu.to_ascii_lowercase();
        assert!(lower.starts_with("https://api.example"), "{htu}");
        assert!(names(&format!("{PUBLIC}{path}"), path, &[]), "a path is named by its own address");
        for (other, separator) in [("%2F", "/"), ("\\", "/"), ("//", "/")] {
            let changed = path.replace(other, separator);
            assert!(changed == path || !names(htu, &changed, &[]), "{htu} names {path} and {changed}");
        }
    }
}
