use std::fmt;

use aws_lc_rs::digest;
use remint_strict_json::{Limits, parse_object};
use serde_json::{Map, Value};

use crate::claims::MAX_DEPTH;
use crate::material::Material;
use crate::{Algorithm, KeyError, MAX_KEY_ID_LEN, base64url};

/// A public key for verifying signatures, as a JSON Web Key (RFC 7517 §4).
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    key_id: Option<Box<str>>,
    algorithm: Option<Algorithm>,
    issuer: Option<Box<str>>,
    material: Material,
}

impl Jwk {
    /// Parses one key that keeps to RFC 7517 and RFC 7518 in full. [`JwkSet::parse`](crate::JwkSet::parse) reads
    /// keys as providers write them, too.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what is wrong with it.
    pub fn parse(json: &[u8]) -> Result<Self, KeyError> {
        if json.len() > MAX_KEY_LEN {
            return Err(KeyError::TooLarge);
        }
        let members = parse_object(json, LIMITS).map_err(|_| KeyError::Malformed)?;
        Self::from_members(&members)
    }

    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, KeyError> {
        let material = Material::parse(members)?;
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(KeyError::Private);
        }
        if !is_for_verifying(members)? {
            return Err(KeyError::Purpose);
        }
        let key_id = optional(members, "kid")?;
        if key_id.is_some_and(|id| id.len() > MAX_KEY_ID_LEN) {
            return Err(KeyError::KeyIdTooLong);
        }
        let algorithm: Option<Algorithm> =
            optional(members, "alg")?.map(|name| name.parse().map_err(|_| KeyError::Unsupported)).transpose()?;
        if algorithm.is_some_and(|algorithm| !material.fits(algorithm)) {
            return Err(KeyError::Algorithm);
        }
        let issuer = optional(members, "issuer")?.map(Box::from);
        Ok(Self { key_id: key_id.map(Box::from), algorithm, issuer, material })
    }

    pub(crate) fn new(material: Material, algorithm: Algorithm) -> Self {
        let mut key = Self { key_id: None, algorithm: Some(algorithm), issuer: None, material };
        key.key_id = Some(key.thumbprint().into());
        key
    }

    /// The same public key for one algorithm, with its thumbprint as its id: as the keys of
    /// [`SigningKey`](crate::SigningKey) are published.
    ///
    /// # Errors
    ///
    /// [`KeyError::Algorithm`] if it is not for that algorithm.
    pub fn identified(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        if self.fits(algorithm) { Ok(Self::new(self.material, algorithm)) } else { Err(KeyError::Algorithm) }
    }

    /// `kid` (RFC 7517 §4.5).
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// `alg` (RFC 7517 §4.4). Where there is none, an RSA key serves every RSA algorithm that the
    /// caller's allow-list names; the other keys fit one algorithm anyway.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// The issuer whose tokens it is for, where the key says so itself (`issuer`, as Microsoft Entra publishes it).
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether the key may verify such signatures.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|own| own == algorithm) && self.material.fits(algorithm)
    }

    /// The thumbprint (RFC 7638) with SHA-256, in base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        base64url::encode(&self.thumbprint_bytes())
    }

    /// The thumbprint (RFC 7638) with SHA-256: what `cnf.jkt` names (RFC 9449 §6.1).
    #[must_use]
    pub fn thumbprint_bytes(&self) -> [u8; 32] {
        // Only ASCII without quotes or backslashes stands in these members, so this is the
        // canonical JSON of RFC 7638 §3.3.
        let members: Vec<_> =
            self.material.members().into_iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        let json = format!("{{{}}}", members.join(","));
        let mut thumbprint = [0; 32];
        thumbprint.copy_from_slice(digest::digest(&digest::SHA256, json.as_bytes()).as_ref());
        thumbprint
    }

    /// The public key as JSON, with `use` = `sig`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members: Map<String, Value> =
            self.material.members().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        members.insert("use".into(), "sig".into());
        if let Some(algorithm) = self.algorithm {
            members.insert("alg".into(), algorithm.as_str().into());
        }
        if let Some(key_id) = self.key_id() {
            members.insert("kid".into(), key_id.into());
        }
        if let Some(issuer) = self.issuer() {
            members.insert("issuer".into(), issuer.into());
        }
        Value::Object(members)
    }

    /// The members that make the key, and no more.
    pub(crate) fn bare(&self) -> Value {
        Value::Object(
            self.material.members().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        )
    }

    pub(crate) const fn material(&self) -> &Material {
        &self.material
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk").field("key_id", &self.key_id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// `use` absent or `sig`, `key_ops` absent or with `verify` (RFC 7517 §4.2, §4.3).
fn is_for_verifying(members: &Map<String, Value>) -> Result<bool, KeyError> {
    let usage = optional(members, "use")?;
    let operations = match members.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|operation| operation == "verify"),
        Some(_) => return Err(KeyError::Malformed),
    };
    Ok(operations && usage.is_none_or(|usage| usage == "sig"))
}

fn optional<'m>(members: &'m Map<String, Value>, name: &str) -> Result<Option<&'m str>, KeyError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(KeyError::Malformed),
    }
}

/// The private members of RFC 7518 §6.2.2, §6.3.2 and §6.4.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const MAX_KEY_LEN: usize = 64 * 1024;
const LIMITS: Limits = Limits { depth: MAX_DEPTH, values: 256 };
