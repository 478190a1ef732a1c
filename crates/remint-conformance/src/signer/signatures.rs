//! Cases of one caller: what a signature is, and of what.

use remint_issuer::Signer;
use remint_jwt::{Algorithm, VerifyingKey};

/// The public key, ready to verify.
pub(super) fn verifying(signer: &impl Signer) -> VerifyingKey {
    VerifyingKey::new(signer.public_jwk(), signer.algorithm()).expect("a public key that fits the algorithm")
}

pub(super) async fn verifies(signer: &impl Signer, key: &VerifyingKey, message: &[u8]) -> bool {
    let signature = signer.sign(message).await.expect("the signer answers");
    key.verify(message, &signature).is_ok()
}

/// What is signed verifies under the public key, as a signing input of a JWS does.
pub async fn a_signature_verifies_under_the_public_key(signer: impl Signer) {
    let key = verifying(&signer);
    assert!(verifies(&signer, &key, b"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9").await);
}

/// Of the longest message too, to the last byte.
pub async fn a_signature_covers_every_byte(signer: impl Signer) {
    let key = verifying(&signer);
    for length in [1, 31, 32, 33, 63, 64, 65, 1023, 4096, 4097, 16 * 1024] {
        let message: Vec<u8> = (0..length).map(|index| b'A' + u8::try_from(index % 26).unwrap_or_default()).collect();
        assert!(verifies(&signer, &key, &message).await, "{length} bytes");
    }
}

/// Nothing is trimmed, decoded or taken for a text.
pub async fn bytes_are_signed_as_they_are(signer: impl Signer) {
    let key = verifying(&signer);
    for message in [&b" a.b"[..], b"a.b ", b"a.b\n", b"a.b\r\n", b"a.b\0", b"\0", b"\xff\xfe", b"YWJj"] {
        assert!(verifies(&signer, &key, message).await, "{message:?}");
    }
}

/// As long as the algorithm and the key say, each time: `r ‖ s` keeps its leading zeros and is never DER
/// (RFC 7518 §3.4).
pub async fn a_signature_has_the_form_of_a_jws(signer: impl Signer) {
    let modulus = signer.public_jwk().to_json()["n"].as_str().map_or(0, |n| n.len() * 3 / 4);
    let expected = match signer.algorithm() {
        Algorithm::Es256 | Algorithm::EdDSA => 64,
        Algorithm::Es384 => 96,
        Algorithm::Es512 => 132,
        _ => modulus,
    };
    for number in 0..50_u8 {
        let signature = signer.sign(&[number]).await.expect("the signer answers");
        assert_eq!(signature.len(), expected);
    }
}

/// Another key is another signer.
pub async fn algorithm_and_key_stay_the_same(signer: impl Signer) {
    let (algorithm, public, key) = (signer.algorithm(), signer.public_jwk().clone(), verifying(&signer));
    for number in 0..10_u8 {
        assert!(verifies(&signer, &key, &[number]).await, "signature {number}");
        assert_eq!((signer.algorithm(), signer.public_jwk()), (algorithm, &public));
    }
}
