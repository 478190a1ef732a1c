use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, EcPublicKeyUncompressedBin};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaEncoding, RsaKeyPair};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::algorithm::{Curve, Scheme};
use crate::material::Material;
use crate::{Algorithm, Jwk, KeyError, base64url, pem};

/// A private key, prepared once for one algorithm.
pub struct SigningKey {
    algorithm: Algorithm,
    pair: Pair,
    public: Jwk,
    /// The first `typ` that was signed, and the encoded header for it.
    header: OnceLock<(Box<str>, Box<str>)>,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair, Curve),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Makes a new key; RSA keys are of 2048 bits.
    ///
    /// # Errors
    ///
    /// [`KeyError::Signing`] if the cryptographic library fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let pair = match algorithm.scheme() {
            Scheme::Rsa(_, encoding) => RsaKeyPair::generate(KeySize::Rsa2048).map(|pair| Pair::Rsa(pair, encoding)),
            Scheme::Ecdsa(curve, _, signing) => EcdsaKeyPair::generate(signing).map(|pair| Pair::Ecdsa(pair, curve)),
            Scheme::Ed25519 => Ed25519KeyPair::generate().map(Pair::Ed25519),
        };
        Self::new(algorithm, pair.map_err(|_| KeyError::Signing)?)
    }

    /// Reads a PKCS#8 key (RFC 5208) from PEM, for one algorithm.
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] if it is not one that fits the algorithm.
    pub fn from_pem(algorithm: Algorithm, text: &str) -> Result<Self, KeyError> {
        let der = pem::decode(text)?;
        let pair = match algorithm.scheme() {
            Scheme::Rsa(_, encoding) => RsaKeyPair::from_pkcs8(&der).map(|pair| Pair::Rsa(pair, encoding)),
            Scheme::Ecdsa(curve, _, signing) => {
                EcdsaKeyPair::from_pkcs8(signing, &der).map(|pair| Pair::Ecdsa(pair, curve))
            }
            Scheme::Ed25519 => Ed25519KeyPair::from_pkcs8(&der).map(Pair::Ed25519),
        };
        Self::new(algorithm, pair.map_err(|_| KeyError::Malformed)?)
    }

    /// The key as PKCS#8 in PEM: a secret, wiped when dropped.
    ///
    /// # Errors
    ///
    /// [`KeyError::Signing`] if the cryptographic library fails.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        match &self.pair {
            Pair::Rsa(pair, _) => pair.as_der().map(|der| pem::encode(der.as_ref())),
            Pair::Ecdsa(pair, _) => pair.to_pkcs8v1().map(|der| pem::encode(der.as_ref())),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().map(|der| pem::encode(der.as_ref())),
        }
        .map_err(|_| KeyError::Signing)
    }

    /// The one algorithm it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its id: the thumbprint of RFC 7638.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.public.key_id().unwrap_or_default()
    }

    /// The public half, with `kid` and `alg`.
    #[must_use]
    pub const fn public_jwk(&self) -> &Jwk {
        &self.public
    }

    /// Signs claims as a compact JWS (RFC 7515 §7.1) with the header `typ`, `alg`, `kid`.
    ///
    /// The encoded header of the first `typ` is kept; another one is encoded each time.
    ///
    /// # Errors
    ///
    /// [`KeyError::Signing`] if the claims cannot be serialized, or the cryptographic library
    /// fails.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let (kept_typ, kept) = self.header.get_or_init(|| (typ.into(), self.encode_header(typ)));
        let other;
        let header = if **kept_typ == *typ {
            kept
        } else {
            other = self.encode_header(typ);
            &other
        };
        self.sign_under(header, claims)
    }

    /// Signs claims as a JWS that brings the public key along, with the header `typ`, `alg`, `jwk`: a DPoP
    /// proof (RFC 9449 §4.2), with which [`SelfSigned`](crate::SelfSigned) is read.
    ///
    /// # Errors
    ///
    /// As [`SigningKey::sign`].
    pub fn sign_with_own_key(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let header = serde_json::json!({ "typ": typ, "alg": self.algorithm.as_str(), "jwk": self.public.bare() });
        self.sign_under(&base64url::encode(header.to_string().as_bytes()), claims)
    }

    fn sign_under(&self, header: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        let mut json = Vec::with_capacity(USUAL_CLAIMS_LEN);
        serde_json::to_writer(&mut json, claims).map_err(|_| KeyError::Signing)?;
        let mut token = String::with_capacity(header.len() + json.len() * 4 / 3 + MAX_SIGNATURE_TEXT_LEN);
        token.push_str(header);
        token.push('.');
        base64url::encode_onto(&json, &mut token);
        self.append_signature(&mut token)?;
        Ok(token)
    }

    /// The signature alone, over a signing input that was put together elsewhere
    /// ([`UnsignedJws`](crate::UnsignedJws)): what [`VerifyingKey::verify`](crate::VerifyingKey::verify)
    /// verifies.
    ///
    /// # Errors
    ///
    /// [`KeyError::Signing`] if the cryptographic library fails.
    pub fn signature(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.pair.sign(message)
    }

    fn append_signature(&self, token: &mut String) -> Result<(), KeyError> {
        let signature = self.pair.sign(token.as_bytes())?;
        token.push('.');
        base64url::encode_onto(&signature, token);
        Ok(())
    }

    fn encode_header(&self, typ: &str) -> Box<str> {
        let header = serde_json::json!({ "typ": typ, "alg": self.algorithm.as_str(), "kid": self.key_id() });
        base64url::encode(header.to_string().as_bytes()).into()
    }

    fn new(algorithm: Algorithm, pair: Pair) -> Result<Self, KeyError> {
        let material = pair.public()?;
        Ok(Self { algorithm, pair, public: Jwk::new(material, algorithm), header: OnceLock::new() })
    }
}

impl Pair {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).map(|()| signature)
            }
            Self::Ecdsa(pair, _) => pair.sign(&random, message).map(|made| made.as_ref().to_vec()),
            Self::Ed25519(pair) => pair.try_sign(message).map(|made| made.as_ref().to_vec()),
        };
        signature.map_err(|_| KeyError::Signing)
    }

    fn public(&self) -> Result<Material, KeyError> {
        match self {
            Self::Rsa(pair, _) => {
                let public = pair.public_key();
                let bytes = |number: aws_lc_rs::io::Positive<'_>| number.big_endian_without_leading_zero().to_vec();
                Material::rsa(bytes(public.modulus()), bytes(public.exponent()))
            }
            Self::Ecdsa(pair, curve) => {
                let point: EcPublicKeyUncompressedBin<'_> =
                    pair.public_key().as_be_bytes().map_err(|_| KeyError::Malformed)?;
                Ok(Material::Ec { curve: *curve, point: point.as_ref().into() })
            }
            Self::Ed25519(pair) => Ok(Material::Ed25519 { x: pair.public_key().as_ref().into() }),
        }
    }
}

impl fmt::Debug for SigningKey {
    /// Shows the algorithm and the public id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}

const USUAL_CLAIMS_LEN: usize = 768;
/// Two dots, and 256 bytes of RSA-2048 or less in base64.
const MAX_SIGNATURE_TEXT_LEN: usize = 348;
