use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::Session;
use remint_jwt::{Jwk, KeyError};
use serde_json::json;

use crate::Pkcs11Error;
use crate::scheme::Scheme;

/// The public key of that object, for that algorithm.
pub(crate) fn read(session: &Session, object: ObjectHandle, scheme: Scheme) -> Result<Jwk, Pkcs11Error> {
    let wanted = if scheme.is_ec() {
        [AttributeType::EcParams, AttributeType::EcPoint]
    } else {
        [AttributeType::Modulus, AttributeType::PublicExponent]
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for attribute in session.get_attributes(object, &wanted)? {
        match attribute {
            Attribute::EcParams(bytes) | Attribute::Modulus(bytes) => first = bytes,
            Attribute::EcPoint(bytes) | Attribute::PublicExponent(bytes) => second = bytes,
            _ => {}
        }
    }
    let jwk = if scheme.is_ec() { ec(&first, &second) } else { rsa(&first, &second) };
    jwk.and_then(|jwk| jwk.identified(scheme.algorithm())).map_err(Pkcs11Error::PublicKey)
}

fn ec(curve: &[u8], point: &[u8]) -> Result<Jwk, KeyError> {
    if curve != P256 {
        return Err(KeyError::Unsupported);
    }
    // A DER octet string; some tokens give the bare point.
    let point = point.strip_prefix(&[0x04, 0x41]).unwrap_or(point);
    let coordinates = point.strip_prefix(&[0x04]).filter(|rest| rest.len() == 64).ok_or(KeyError::Malformed)?;
    let (x, y) = coordinates.split_at_checked(32).ok_or(KeyError::Malformed)?;
    parse(&json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) }))
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Jwk, KeyError> {
    parse(&json!({ "kty": "RSA", "n": text(number(modulus)), "e": text(number(exponent)) }))
}

fn parse(json: &serde_json::Value) -> Result<Jwk, KeyError> {
    Jwk::parse(json.to_string().as_bytes())
}

/// Without leading zeros (RFC 7518 §2, Base64urlUInt), which some tokens put there.
fn number(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The object identifier of P-256 in DER.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

#[cfg(test)]
mod tests {
    use remint_jwt::{Algorithm, SigningKey};
    use serde_json::Value;

    use super::*;

    fn members(algorithm: Algorithm) -> (Value, impl Fn(&str) -> Vec<u8>) {
        let json = SigningKey::generate(algorithm).unwrap().public_jwk().to_json();
        let members = json.clone();
        (json, move |name: &str| URL_SAFE_NO_PAD.decode(members[name].as_str().unwrap()).unwrap())
    }

    #[test]
    fn a_point_is_read_with_and_without_its_wrapping() {
        let (json, bytes) = members(Algorithm::Es256);
        let point = [&[4], &*bytes("x"), &bytes("y")].concat();
        let wrapped = [&[0x04, 0x41], &*point].concat();
        for point in [point, wrapped] {
            let read = ec(&P256, &point).unwrap().identified(Algorithm::Es256).unwrap();
            assert_eq!(read.to_json(), json);
        }
    }

    #[test]
    fn another_curve_or_half_a_point_is_no_key() {
        let (_, bytes) = members(Algorithm::Es256);
        let point = [&[4], &*bytes("x"), &bytes("y")].concat();
        let p384 = [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
        assert_eq!(ec(&p384, &point).unwrap_err(), KeyError::Unsupported);
        for bad in [&point[..64], &point[1..], &[], &[0x04, 0x41], &[0x04, 0x41, 0x04]] {
            assert_eq!(ec(&P256, bad).unwrap_err(), KeyError::Malformed, "{bad:?}");
        }
    }

    #[test]
    fn leading_zeros_of_a_modulus_are_no_part_of_it() {
        let (json, bytes) = members(Algorithm::Rs256);
        let padded = [&[0, 0], &*bytes("n")].concat();
        let read = rsa(&padded, &[&[0], &*bytes("e")].concat()).unwrap().identified(Algorithm::Rs256).unwrap();
        assert_eq!(read.to_json(), json);
        assert!(rsa(&[], &[]).is_err());
    }
}
