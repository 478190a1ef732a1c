#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use remint_apikey::{ForeignDigest, ImportedKey, KeyFormat, Peppers, TextFormat};
use remint_core::{ApiKeyRecord, Environment};

use crate::support::{Bench, alice, pepper};

mod drf;
mod import;
mod opaque;
mod rehash;
mod timing;

/// A key as djangorestframework-api-key made it, on Django 5.2.
#[derive(Clone, Copy)]
struct Made {
    text: &'static str,
    hashed_key: &'static str,
}

/// By 3.1.0.
const SHA512: Made = Made {
    text: "7rgLGFbo.leqKSKsMSHQaTD130Kl4d8WhcTDSOidd",
    hashed_key: "sha512$$be3cb9a5e3e6741289d3dc0d73d353aed00fded246a4b06cb7ae9272f0e2bd9c\
                 3596f092c93cf0d534935ea78e772a5af8cb0509b743fa86979744102cb3cda6",
};

/// By 2.3.0, as it comes. A million rounds take seconds where nothing is optimised.
const PBKDF2: Made = Made {
    text: "L6ZD10Df.s3RWwNNVzamazgSlK69kI5MRbRsV0fyO",
    hashed_key: "pbkdf2_sha256$1000000$LN6Qj7kmMMA9H5RfJ4iIWP$reF0Ji8pPEX1fZjMG0llgVx2nSB1WHYFby5tTf5EwI4=",
};

/// By 2.3.0, with the hasher's iterations set to 50000: long enough for another request to come.
const SLOW: Made = Made {
    text: "6SIOpy8u.BxHmTy8gGIxfWvXoSJECGMKTgLWorU0x",
    hashed_key: "pbkdf2_sha256$50000$Hl67Tct9ELf4trjQHaix5I$c9VMfqL73Kvgfoa8oWBzjIj2dZtH1+1PlpUBTnQl3IY=",
};

/// By 2.3.0, with the hasher's iterations set to 1000.
const QUICK: Made = Made {
    text: "npTiTmsr.D8ENQL71A3yndGHJa60jRCocCa2vybkJ",
    hashed_key: "pbkdf2_sha256$1000$4dEOMa1f6nceWJHi7uhtHh$iK/1FCY8ZiIZDmKqCePEyNoea7FZ+kKc3W68QsTWjN4=",
};

impl Made {
    fn import(self) -> ImportedKey {
        let digest = ForeignDigest::parse_django(self.hashed_key).unwrap();
        ImportedKey::new(alice(), Environment::Live, &TextFormat::Drf, &self.text[..8], digest).unwrap()
    }

    /// Another secret under the same prefix.
    fn wrong(self) -> String {
        format!("{}.{}", &self.text[..8], "A".repeat(32))
    }
}

/// A bench with Alice, where these formats are accepted.
async fn accepting(formats: &[&str]) -> Bench {
    let mut bench = Bench::new();
    bench.keys = bench.keys.accepting(formats.iter().map(|format| format.parse().unwrap()).collect());
    bench.sign_up().await;
    let _ = bench.revoker.take();
    bench
}

async fn imported(bench: &Bench, key: ImportedKey) -> ApiKeyRecord {
    let record = bench.keys.import(vec![key]).await.unwrap().remove(0);
    let _ = bench.revoker.take();
    record
}

/// The same store under other peppers.
fn under(bench: &Bench, peppers: Peppers) -> Bench {
    let mut other = Bench::over(bench.store.clone(), peppers);
    other.keys = other.keys.accepting(vec![TextFormat::Drf, TextFormat::Remint]);
    other
}

/// The same at a node with these peppers.
fn node(bench: &Bench, peppers: &[&str]) -> Bench {
    let mut other = bench.node(peppers);
    other.keys = other.keys.accepting(vec![TextFormat::Drf, TextFormat::Remint]);
    other
}

fn is_ours(record: &ApiKeyRecord, by: &str) -> bool {
    *record.digest.scheme == *format!("hmac-sha256:{}", pepper(by).id())
}

/// A text of ours that no store knows.
async fn unknown_of_ours() -> String {
    let (_, key, _) = Bench::with_a_key().await;
    assert!(KeyFormat::default().parse(key.expose_secret()).is_ok());
    key.expose_secret().to_owned()
}
