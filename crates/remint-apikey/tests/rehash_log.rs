//! What the log says of keys that are hashed anew: in a process of its own, since the log is the
//! process's.

use std::sync::Arc;

use remint_apikey::{ApiKeys, ForeignDigest, ImportedKey, MemoryStore, NewUser, Pepper, Peppers, TextFormat};
use remint_conformance::key_store::Severable;
use remint_core::{Environment, UserId};
use remint_testkit::{CapturedLog, RecordingRevoker};

/// Made by djangorestframework-api-key 3.1.0.
const TEXT: &str = "7rgLGFbo.leqKSKsMSHQaTD130Kl4d8WhcTDSOidd";
const HASHED_KEY: &str = "sha512$$be3cb9a5e3e6741289d3dc0d73d353aed00fded246a4b06cb7ae9272f0e2bd9c\
                          3596f092c93cf0d534935ea78e772a5af8cb0509b743fa86979744102cb3cda6";

#[tokio::test]
async fn a_key_that_cannot_be_hashed_anew_is_told_to_the_log_without_its_text() {
    let log = CapturedLog::default();
    tracing_subscriber::fmt().with_writer(log.writer()).with_ansi(false).init();
    let taken = || log.take();

    let store = Severable::new(MemoryStore::new());
    let peppers = Peppers::new(Pepper::from_bytes(&[7; 32]).unwrap());
    let revoker = Arc::new(RecordingRevoker::new());
    let keys = ApiKeys::new(Arc::new(store.clone()), peppers, revoker).accepting(vec![TextFormat::Drf]);
    let alice = UserId::new("alice").unwrap();
    keys.create_user(NewUser::new(alice.clone())).await.unwrap();
    let digest = ForeignDigest::parse_django(HASHED_KEY).unwrap();
    let key = ImportedKey::new(alice, Environment::Live, &TextFormat::Drf, "7rgLGFbo", digest).unwrap();
    let record = keys.import(vec![key]).await.unwrap().remove(0);
    let imported = taken();
    assert!(imported.contains("key.imported") && imported.contains("7rgLGFbo"), "{imported}");

    store.set_rehash_out(true);
    assert!(keys.verify(TEXT).await.is_ok());
    let failed = taken();
    assert!(failed.contains("WARN remint: a key was not hashed anew"), "{failed}");
    assert!(failed.contains(record.id.as_str()) && failed.contains("unavailable: store"), "{failed}");

    store.set_rehash_out(false);
    assert!(keys.verify(TEXT).await.is_ok());
    let done = taken();
    assert!(done.contains("a key was hashed anew"), "{done}");
    for line in [imported, failed, done] {
        assert!(!line.contains("leqKSK") && !line.contains("be3cb9"), "{line}");
    }
}
