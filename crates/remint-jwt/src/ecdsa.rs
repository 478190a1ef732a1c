use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{JwtError, JwtErrorKind, KeyError};

/// A public key on P-256, for signatures that are no JWS: of a document as it was sent, in DER.
#[derive(Clone)]
pub struct EcdsaP256PublicKey(ParsedPublicKey);

impl EcdsaP256PublicKey {
    /// Reads one `PUBLIC KEY` block (RFC 7468 §13): an uncompressed point on P-256 (RFC 5480 §2).
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] if it is none, [`KeyError::Unsupported`] if it is of another kind.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let body =
            text.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).ok_or(KeyError::Malformed)?;
        let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = STANDARD.decode(body).map_err(|_| KeyError::Malformed)?;
        let point = der.strip_prefix(&P256_INFO).ok_or(KeyError::Unsupported)?;
        if point.len() != POINT_LEN || point.first() != Some(&UNCOMPRESSED) {
            return Err(KeyError::Malformed);
        }
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).map(Self).map_err(|_| KeyError::Malformed)
    }

    /// Verifies an ECDSA signature with SHA-256 over `message`: the DER of `ECDSA-Sig-Value`
    /// (RFC 3279 §2.2.3).
    ///
    /// # Errors
    ///
    /// [`JwtErrorKind::Signature`].
    pub fn verify_asn1(&self, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        self.0.verify_sig(message, signature).map_err(|_| JwtErrorKind::Signature.into())
    }
}

impl fmt::Debug for EcdsaP256PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcdsaP256PublicKey").finish_non_exhaustive()
    }
}

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
const POINT_LEN: usize = 65;
const UNCOMPRESSED: u8 = 4;

/// The DER of a `SubjectPublicKeyInfo` up to the point: `id-ecPublicKey` with `secp256r1`.
const P256_INFO: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

    use super::*;

    fn pair() -> (EcdsaKeyPair, String) {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let pem = pem(&[&P256_INFO, pair.public_key().as_ref()].concat());
        (pair, pem)
    }

    fn pem(der: &[u8]) -> String {
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(der))
    }

    #[test]
    fn a_signature_verifies_over_its_own_message_only() {
        let (pair, pem) = pair();
        let key = EcdsaP256PublicKey::from_pem(&pem).unwrap();
        let signature = pair.sign(&SystemRandom::new(), b"the message").unwrap();
        assert_eq!(key.verify_asn1(b"the message", signature.as_ref()), Ok(()));
        assert!(key.verify_asn1(b"the messagE", signature.as_ref()).is_err());
        assert!(key.verify_asn1(b"", signature.as_ref()).is_err());
    }

    #[test]
    fn a_signature_of_another_key_or_shape_does_not_verify() {
        let ((pair, pem), (other, _)) = (pair(), pair());
        let key = EcdsaP256PublicKey::from_pem(&pem).unwrap();
        let of_other = other.sign(&SystemRandom::new(), b"m").unwrap();
        assert!(key.verify_asn1(b"m", of_other.as_ref()).is_err());
        let own = pair.sign(&SystemRandom::new(), b"m").unwrap().as_ref().to_vec();
        assert!(key.verify_asn1(b"m", &own[..own.len() - 1]).is_err());
        assert!(key.verify_asn1(b"m", &[own.clone(), vec![0]].concat()).is_err());
        // r and s of zero, which verified everything in CVE-2022-21449; and raw instead of DER.
        assert!(key.verify_asn1(b"m", &[0x30, 6, 2, 1, 0, 2, 1, 0]).is_err());
        assert!(key.verify_asn1(b"m", &[0; 64]).is_err());
        assert!(key.verify_asn1(b"m", b"").is_err());
    }

    #[test]
    fn what_is_no_public_key_on_p256_is_refused() {
        let (pair, good) = pair();
        let point = pair.public_key().as_ref();
        let mut off_curve = point.to_vec();
        off_curve[64] ^= 1;
        let compressed = [&[2], &point[1..33]].concat();
        for der in [
            vec![],
            point.to_vec(),
            [&P256_INFO, &point[..64]].concat(),
            [&P256_INFO, point, &[0]].concat(),
            [&P256_INFO[..], &off_curve].concat(),
            [&P256_INFO[..], &compressed].concat(),
        ] {
            assert!(EcdsaP256PublicKey::from_pem(&pem(&der)).is_err(), "{der:02x?}");
        }
        for text in [String::new(), good.replace("PUBLIC", "PRIVATE"), good.replace("MFkw", "M!kw")] {
            assert!(EcdsaP256PublicKey::from_pem(&text).is_err(), "{text}");
        }
    }
}
