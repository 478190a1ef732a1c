use aws_lc_rs::signature::{ED25519, ParsedPublicKey, RsaPublicKeyComponents};
use serde_json::{Map, Value};

use crate::algorithm::{Curve, Scheme};
use crate::{Algorithm, KeyError, base64url, edwards, weak_rsa};

/// The public numbers of a key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Material {
    /// Modulus and exponent, big-endian, no leading zeros.
    Rsa { n: Box<[u8]>, e: Box<[u8]> },
    /// An uncompressed point: 4, x, y (SEC 1 §2.3.3).
    Ec { curve: Curve, point: Box<[u8]> },
    /// An Ed25519 point (RFC 8032 §5.1.2).
    Ed25519 { x: Box<[u8]> },
}

impl Material {
    /// Reads the members of one key (RFC 7518 §6, RFC 8037 §2).
    pub(crate) fn parse(members: &Map<String, Value>) -> Result<Self, KeyError> {
        let curve = || text(members, "crv");
        match text(members, "kty")? {
            "RSA" => Self::rsa(number(members, "n")?, number(members, "e")?),
            "EC" => {
                let curve = Curve::named(curve()?).ok_or(KeyError::Unsupported)?;
                Self::ec(curve, &number(members, "x")?, &number(members, "y")?)
            }
            "OKP" if curve()? == "Ed25519" => {
                let x = number(members, "x")?;
                edwards::check(x.as_slice().try_into().map_err(|_| KeyError::Malformed)?)?;
                Ok(Self::Ed25519 { x: x.into() })
            }
            "oct" => Err(KeyError::Symmetric),
            _ => Err(KeyError::Unsupported),
        }
    }

    /// An RSA key of 2048 to 8192 bits (RFC 7518 §3.3) with an odd exponent from 3 to below 2^32, of no known
    /// weak kind.
    pub(crate) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, KeyError> {
        let (Some(first), Some(exponent)) = (n.first(), e.first()) else {
            return Err(KeyError::Malformed);
        };
        if *first == 0 || *exponent == 0 {
            return Err(KeyError::Malformed);
        }
        let bits = n.len() * 8 - first.leading_zeros() as usize;
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        let sound = e.len() <= 4 && e != [1] && odd(&e) && odd(&n);
        if !(2048..=8192).contains(&bits) || !sound {
            return Err(KeyError::RsaSize);
        }
        if weak_rsa::is_weak(&n) { Err(KeyError::Weak) } else { Ok(Self::Rsa { n: n.into(), e: e.into() }) }
    }

    fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        let len = curve.coordinate_len();
        if x.len() != len || y.len() != len {
            return Err(KeyError::Malformed);
        }
        Ok(Self::Ec { curve, point: [&[4], x, y].concat().into() })
    }

    /// Whether the algorithm can be used with such a key.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.scheme()) {
            (Self::Rsa { .. }, Scheme::Rsa(..)) | (Self::Ed25519 { .. }, Scheme::Ed25519) => true,
            (Self::Ec { curve, .. }, Scheme::Ecdsa(wanted, ..)) => *curve == wanted,
            _ => false,
        }
    }

    /// The parsed key, and the length of its signatures in bytes.
    pub(crate) fn prepare(&self, algorithm: Algorithm) -> Result<(ParsedPublicKey, usize), KeyError> {
        let (parsed, len) = match (self, algorithm.scheme()) {
            (Self::Rsa { n, e }, Scheme::Rsa(parameters, _)) => {
                (RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters), n.len())
            }
            (Self::Ec { curve, point }, Scheme::Ecdsa(wanted, verification, _)) if *curve == wanted => {
                (ParsedPublicKey::new(verification, point), 2 * curve.coordinate_len())
            }
            (Self::Ed25519 { x }, Scheme::Ed25519) => (ParsedPublicKey::new(&ED25519, x), 2 * ED25519_LEN),
            _ => return Err(KeyError::Algorithm),
        };
        parsed.map(|parsed| (parsed, len)).map_err(|_| KeyError::Malformed)
    }

    /// The required members in the order of their names (RFC 7638 §3.2, RFC 8037 §2).
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rsa { n, e } => {
                vec![("e", base64url::encode(e)), ("kty", "RSA".into()), ("n", base64url::encode(n))]
            }
            Self::Ec { curve, point } => {
                let (x, y) =
                    point.get(1..).unwrap_or_default().split_at_checked(curve.coordinate_len()).unwrap_or_default();
                vec![
                    ("crv", curve.as_str().into()),
                    ("kty", "EC".into()),
                    ("x", base64url::encode(x)),
                    ("y", base64url::encode(y)),
                ]
            }
            Self::Ed25519 { x } => {
                vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", base64url::encode(x))]
            }
        }
    }
}

fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<&'m str, KeyError> {
    members.get(name).and_then(Value::as_str).ok_or(KeyError::Malformed)
}

fn number(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, KeyError> {
    base64url::decode(text(members, name)?).ok_or(KeyError::Malformed)
}

const ED25519_LEN: usize = 32;
