use remint_apikey::{ForeignDigest, ImportedKey, NewKey, TextFormat};
use remint_core::{DeniedKind, Environment};
use sha2::{Digest, Sha256, Sha512};

use super::{accepting, imported};
use crate::support::alice;

const TEXT: &str = "sk_live_51J3abcDEF~012+345/678==";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn import(scheme: &str, digest: &str) -> ImportedKey {
    let format: TextFormat = "opaque:sk_live_".parse().unwrap();
    let digest = ForeignDigest::parse(scheme, digest).unwrap();
    ImportedKey::new(alice(), Environment::Test, &format, "sk_live_51J3", digest).unwrap()
}

#[tokio::test]
async fn a_key_kept_as_plain_sha_256_goes_on_working() {
    // By coreutils and OpenSSL: `printf %s … | sha256sum`, and `… | openssl dgst -sha256 -binary | base64`.
    let hex = "abf1936d0600685f3fba9445395fb8e674b1d825f26962816f372373e42a5f5a";
    let base64 = "q/GTbQYAaF8/upRFOV+45nSx2CXyaWKBbzcjc+QqX1o=";
    for digest in [hex, base64] {
        let bench = accepting(&["remint", "opaque:sk_live_"]).await;
        let record = imported(&bench, import("sha256", digest)).await;
        let found = bench.ask(TEXT).await.unwrap().unwrap();
        assert_eq!(found.identity.client.as_str(), record.id.as_str());
        assert_eq!(found.identity.environment, Environment::Test);
        assert_eq!(record.start, "sk_live_51J3");
    }
}

#[tokio::test]
async fn a_text_that_is_too_short_or_too_long_is_refused_without_a_look_up() {
    let bench = accepting(&["opaque:sk_live_"]).await;
    for text in ["sk_live_", "sk_live_1234567", &format!("sk_live_{}", "a".repeat(249)), "sk_live_a,b,c,d,e,f,g"] {
        assert_eq!(bench.denied(text).await, DeniedKind::Structure);
    }
    assert!(bench.ask("pk_live_51J3abcDEF").await.unwrap().is_none());
    assert_eq!(bench.store.finds(), 0);
    assert_eq!(bench.denied(TEXT).await, DeniedKind::UnknownApiKey);
}

#[tokio::test]
async fn a_text_of_ours_is_never_looked_for_under_a_scheme_without_a_key() {
    let bench = accepting(&["opaque:rmt_", "drf", "remint"]).await;
    let (key, record) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    let format: TextFormat = "opaque:rmt_".parse().unwrap();
    for (scheme, digest) in
        [("sha256", hex(&Sha256::digest(key.expose_secret()))), ("sha512", hex(&Sha512::digest(key.expose_secret())))]
    {
        // Whoever can write into the store puts a plain digest of a text of ours beside it.
        let digest = ForeignDigest::parse(scheme, &digest).unwrap();
        let planted = ImportedKey::new(alice(), Environment::Live, &format, "rmt_live", digest).unwrap();
        imported(&bench, planted).await;
    }
    bench.keys.revoke(&record.id).await.unwrap();
    let before = bench.store.finds();
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Revoked);
    assert_eq!(bench.store.finds() - before, 1, "one pepper, one look-up");

    bench.store.tamper(|found| found.key.digest.bytes[0] ^= 1);
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::UnknownApiKey);
    let mistyped = key.expose_secret().replace("rmt_live_", "rmt_test_");
    assert_eq!(bench.denied(&mistyped).await, DeniedKind::Structure);
}

#[tokio::test]
async fn a_text_of_another_system_is_never_one_of_ours() {
    // Revoked under our scheme: the plain digest that an import left behind does not bring it back.
    let bench = accepting(&["remint", "opaque:sk_live_"]).await;
    let record = imported(&bench, import("sha256", &hex(&Sha256::digest(TEXT)))).await;
    bench.ask(TEXT).await.unwrap().unwrap();
    imported(&bench, import("sha512", &hex(&Sha512::digest(TEXT)))).await;
    bench.keys.revoke(&record.id).await.unwrap();
    assert_eq!(bench.denied(TEXT).await, DeniedKind::Revoked);
}
