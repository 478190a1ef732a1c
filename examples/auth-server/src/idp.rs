//! An issuer that is trusted: a key pair whose public half is in a file. It logs nobody in.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use remint_jwt::{Algorithm, SigningKey};
use serde_json::json;

use crate::Outcome;

/// The issuer.
#[derive(Debug)]
pub struct Idp {
    key: SigningKey,
    jwks_file: PathBuf,
}

impl Idp {
    /// An issuer with a fresh key pair, the public half of which it puts into this folder.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn new(folder: &Path) -> Outcome<Self> {
        let (key, jwks_file) = (SigningKey::generate(Algorithm::Es256)?, folder.join("idp.json"));
        std::fs::write(&jwks_file, json!({ "keys": [key.public_jwk().to_json()] }).to_string())?;
        Ok(Self { key, jwks_file })
    }

    /// Its name.
    #[must_use]
    pub const fn issuer(&self) -> &'static str {
        "https://idp.example"
    }

    /// For whom its tokens are.
    #[must_use]
    pub const fn audience(&self) -> &'static str {
        "api"
    }

    /// Where its public key is.
    #[must_use]
    pub fn jwks_file(&self) -> &Path {
        &self.jwks_file
    }

    /// An access token of bob's (RFC 9068), good for an hour.
    ///
    /// # Errors
    ///
    /// If it cannot be signed.
    pub fn token(&self) -> Outcome<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = json!({
            "iss": self.issuer(), "aud": self.audience(), "sub": "bob", "client_id": "app", "jti": format!("bob-{now}"),
            "scope": "orders:read stock:read", "iat": now, "exp": now + 3600,
        });
        Ok(self.key.sign("at+jwt", &claims)?)
    }
}
