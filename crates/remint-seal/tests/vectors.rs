//! Names and values as another implementation makes them: `cryptography` of Python, with its `HKDF`, `HMAC` and
//! `AESGCM`.
//!
//! ```python
//! lp = lambda *p: b"".join(len(x).to_bytes(8, "big") + x for x in p)
//! hkdf = lambda salt, ikm, info, n=32: HKDF(SHA256(), n, salt, info).derive(ikm)
//! s = b"remint shared tier"
//! nk, sk, ck = (hkdf(s, secret, s + b" " + w, n) for w, n in ((b"name", 32), (b"seal", 32), (b"check", 16)))
//! h = HMAC(nk, SHA256())
//! h.update(lp(slot, credential, audience, bytes([obo is not None]), obo or b"", policy))
//! name = h.finalize()
//! key = hkdf(sk, lp(slot, credential), b"\x01" + name)
//! value = b"\x01" + nonce + AESGCM(key).encrypt(nonce, plain, lp(b"\x01", name, policy))
//! ```
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use remint_core::Slot;
use remint_seal::{ClusterSecret, ClusterSecrets, EntryParts, KeyChecks};

const NAME: &str = "2d7079ecedb9e7bb762f9f03e8a387662860062c3e621a60705dbe2b911a0d4f";
const VALUE: &str = "01000102030405060708090a0bc578802e5d0b734d9ae4059d865dcc3aff7933dae42cbee821922700e5477f8d0a";
const PARTS: EntryParts<'_> = EntryParts {
    slot: Slot::Bearer,
    credential: "e30.e30.e30",
    audience: "internal",
    on_behalf_of: None,
    policy: "policy-1",
};

const OTHER_NAME: &str = "fdd6bce75120d01363e9f877161674f2cba82c1743b9017031b45e7a14b3bfee";
const OTHER_VALUE: &str = "01ffffffffffffffffffffffff5984aba51c567fc6b58bdcb633682086";
const OTHER_PARTS: EntryParts<'_> = EntryParts {
    slot: Slot::ApiKeyHeader,
    credential: "rk_live_é",
    audience: "",
    on_behalf_of: Some("user-7"),
    policy: "",
};

fn secrets() -> ClusterSecrets {
    let secret: Vec<u8> = (0..32).collect();
    ClusterSecrets::new(ClusterSecret::from_bytes(&secret).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn names_are_those_of_the_other_implementation() {
    assert_eq!(hex(&secrets().newest_place(&PARTS).name().0), NAME);
    assert_eq!(hex(&secrets().newest_place(&OTHER_PARTS).name().0), OTHER_NAME);
}

#[test]
fn values_of_the_other_implementation_open() {
    let secrets = secrets();
    let opened = secrets.newest_place(&PARTS).open(&bytes(VALUE)).unwrap();
    assert_eq!(*opened, b"an internal token");
    let opened = secrets.newest_place(&OTHER_PARTS).open(&bytes(OTHER_VALUE)).unwrap();
    assert!(opened.is_empty());
}

#[test]
fn the_key_check_and_its_place_are_those_of_the_other_implementation() {
    assert_eq!(hex(&secrets().checks().to_bytes()), "0146828ae49b3efb71e59c568fa170ba96");
    let place = "a86705ac00e465c9660177dc78c585f4fb861670bcea519a173c4caa8ac064cb";
    assert_eq!(hex(&KeyChecks::place().0), place);
}
