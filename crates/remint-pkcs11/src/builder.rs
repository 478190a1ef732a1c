use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cryptoki::object::Attribute;
use remint_jwt::{Algorithm, Jwk, VerifyingKey};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::scheme::Scheme;
use crate::signer::blocking;
use crate::token::Token;
use crate::{Pin, Pkcs11Error, Pkcs11Signer, module};

/// Settings for a [`Pkcs11Signer`].
#[derive(Debug)]
#[must_use = "nothing is opened before `connect`"]
pub struct Pkcs11SignerBuilder {
    module: PathBuf,
    token: String,
    pin: Pin,
    label: Option<String>,
    id: Option<Vec<u8>>,
    algorithm: Algorithm,
    public: Option<Jwk>,
    sessions: usize,
    timeout: Duration,
}

impl Pkcs11SignerBuilder {
    pub(crate) fn new(module: PathBuf, token: String, pin: Pin) -> Self {
        Self {
            module,
            token,
            pin,
            label: None,
            id: None,
            algorithm: Algorithm::Es256,
            public: None,
            sessions: 4,
            timeout: Duration::from_secs(5),
        }
    }

    /// The key's label (`CKA_LABEL`).
    pub fn key_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The key's id (`CKA_ID`). With a label too, both must be the key's.
    pub fn key_id(mut self, id: impl Into<Vec<u8>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// What to sign with: ES256 unless set; or RS256, PS256.
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The public key, for a token that holds the private key alone. Unless set, the token is asked for
    /// the public key of the same label and id.
    pub fn public_jwk(mut self, public: Jwk) -> Self {
        self.public = Some(public);
        self
    }

    /// How many sessions are open at most, and so how many tokens are signed at once; four unless set.
    pub const fn sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions;
        self
    }

    /// How long a caller waits for a signature; five seconds unless set.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Loads the module, opens the token and has it sign once, so that what cannot work is said now.
    ///
    /// # Errors
    ///
    /// [`Pkcs11Error`], by its kinds.
    pub async fn connect(self) -> Result<Pkcs11Signer, Pkcs11Error> {
        let scheme = Scheme::of(self.algorithm).ok_or(Pkcs11Error::Setting("a token signs ES256, RS256 or PS256"))?;
        let label = self.label.map(|label| Attribute::Label(label.into_bytes()));
        let key: Vec<_> = label.into_iter().chain(self.id.map(Attribute::Id)).collect();
        if key.is_empty() {
            return Err(Pkcs11Error::Setting("the key is named by its label, its id, or both"));
        }
        if self.sessions == 0 {
            return Err(Pkcs11Error::Setting("without a session nothing can be signed"));
        }
        let (path, token_label, pin, public) = (self.module, self.token, self.pin, self.public);
        let opening = blocking(move || {
            let token = Token {
                module: module::load(&path)?,
                label: token_label,
                pin,
                key,
                scheme,
                idle: Mutex::default(),
                login: Mutex::default(),
                pin_refused: AtomicBool::new(false),
            };
            let public = public.map_or_else(|| token.public(), Ok)?;
            let verifying = VerifyingKey::new(&public, scheme.algorithm()).map_err(Pkcs11Error::PublicKey)?;
            let signature = token.sign(TRIAL)?;
            verifying.verify(TRIAL, &signature).map_err(|_| Pkcs11Error::Mismatch)?;
            Ok((token, public))
        });
        // Loading a module and logging in may take longer than one signature.
        let opened = timeout(self.timeout.saturating_mul(2), opening).await.map_err(|_| Pkcs11Error::Timeout)??;
        Ok(Pkcs11Signer {
            token: Arc::new(opened.0),
            public: opened.1,
            permits: Arc::new(Semaphore::new(self.sessions.min(Semaphore::MAX_PERMITS))),
            timeout: self.timeout,
        })
    }
}

/// No signing input of a JWS: there is no dot in it.
const TRIAL: &[u8] = b"whether this key signs";
