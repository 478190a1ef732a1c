use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use remint_core::Timestamp;
use remint_jwt::{Algorithm, SigningKey};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::altered::{change, with_other_signature};

/// Who holds keys for DPoP: the rightful client, and a thief of its tokens.
#[derive(Debug)]
pub(super) struct Holders {
    client: SigningKey,
    thief: SigningKey,
    made: AtomicU64,
}

/// What a proof is about.
#[derive(Debug)]
pub(super) struct About<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) token: &'a str,
    pub(super) now: Timestamp,
    pub(super) nonce: Option<String>,
}

impl Holders {
    pub(super) fn new() -> Self {
        let key = || SigningKey::generate(Algorithm::Es256).expect("randomness");
        Self { client: key(), thief: key(), made: AtomicU64::new(0) }
    }

    /// The thumbprint of the rightful client's key.
    pub(super) fn thumbprint(&self) -> String {
        self.client.public_jwk().thumbprint()
    }

    /// The proof of this name:
    ///
    /// | name | what |
    /// | --- | --- |
    /// | `fresh` | sound, without a nonce |
    /// | `nonce` | sound, with the nonce of the moment |
    /// | `wrong_nonce` | with a nonce that nobody gave out |
    /// | `thief` | under another key |
    /// | `other_method`, `other_path`, `other_host`, `other_token` | of another request or token |
    /// | `without_ath`, `without_jti` | without that claim |
    /// | `old`, `ahead` | made two minutes ago, or in two minutes |
    /// | `other_type` | with the `typ` of an access token |
    /// | `altered` | with another last character |
    pub(super) fn proof(&self, name: &str, about: &About<'_>) -> Option<String> {
        let now = about.now.as_secs();
        let url = |host: &str, path: &str| json!(format!("https://{host}{path}"));
        let changes = match name {
            "fresh" | "thief" | "other_type" | "altered" => json!({}),
            "nonce" => json!({ "nonce": about.nonce.as_ref()? }),
            "wrong_nonce" => json!({ "nonce": "AAAAAAAAAAAAAAAAAAAAAA" }),
            "other_method" => json!({ "htm": "PATCH" }),
            "other_path" => json!({ "htu": url("api.example", "/other") }),
            "other_host" => json!({ "htu": url("other.example", about.path) }),
            "other_token" => json!({ "ath": digest("other") }),
            "without_ath" => json!({ "ath": null }),
            "without_jti" => json!({ "jti": null }),
            "old" => json!({ "iat": now - 120 }),
            "ahead" => json!({ "iat": now + 120 }),
            _ => return None,
        };
        let jti = self.made.fetch_add(1, Ordering::SeqCst).to_string();
        let mut claims = json!({
            "jti": jti, "htm": about.method, "htu": url("api.example", about.path), "iat": now, "ath": digest(about.token),
        });
        change(&mut claims, changes);
        let key = if name == "thief" { &self.thief } else { &self.client };
        let typ = if name == "other_type" { "at+jwt" } else { "dpop+jwt" };
        let proof = key.sign_with_own_key(typ, &claims).expect("signed");
        Some(if name == "altered" { with_other_signature(&proof) } else { proof })
    }
}

fn digest(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}
