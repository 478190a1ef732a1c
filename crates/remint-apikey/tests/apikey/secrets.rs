use remint_apikey::{NewKey, Pepper, Peppers};
use remint_core::{Credential, CredentialForm, Environment, Slot};

use crate::support::{Bench, alice};

/// Neither the hidden part of the key nor any long part of it.
fn shows_nothing_of(text: &str, shown: &str) {
    for start in 9..text.len() - 8 {
        assert!(!shown.contains(&text[start..start + 8]), "{shown}");
    }
}

#[tokio::test]
async fn neither_the_service_nor_its_records_show_a_key() {
    let (bench, key, record) = Bench::with_a_key().await;
    let found = bench.keys.verify(key.expose_secret()).await.unwrap();
    let list = bench.keys.list(&alice()).await.unwrap();
    let found = (found, bench.accepted(&key).await);
    let shown = format!(
        "{key:?} {record:?} {list:?} {found:?} {:?} {:?} {:?}",
        bench.keys,
        bench.keys.authenticator(),
        bench.store
    );
    shows_nothing_of(key.expose_secret(), &shown);
}

#[tokio::test]
async fn no_error_shows_the_key_it_is_about() {
    let (bench, key, record) = Bench::with_a_key().await;
    let text = key.expose_secret();
    let mut errors = vec![bench.keys.verify(&text[..50]).await.unwrap_err()];
    bench.keys.revoke(&record.id).await.unwrap();
    errors.push(bench.keys.verify(text).await.unwrap_err());
    bench.store.sever();
    errors.push(bench.keys.verify(text).await.unwrap_err());
    for error in errors {
        shows_nothing_of(text, &format!("{error} {error:?}"));
    }
    let credential = Credential::new(Slot::Bearer, CredentialForm::ApiKey, text);
    shows_nothing_of(text, &format!("{credential:?}"));
}

#[tokio::test]
async fn nothing_shows_the_pepper() {
    let peppers = Peppers::new(Pepper::from_text("canary, canary, canary").unwrap());
    let bench = Bench::over(Bench::new().store, peppers.clone());
    bench.sign_up().await;
    let (key, record) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    let other = Bench::over(bench.store.clone(), Peppers::new(Pepper::from_bytes(b"canary of another kind").unwrap()));
    let kind = other.ask(key.expose_secret()).await.unwrap_err();
    let shown = format!("{peppers:?} {:?} {record:?} {:?} {kind:?}", bench.keys, other.keys);
    assert!(!shown.contains("canary") && !shown.contains("99, 97, 110, 97, 114, 121"), "{shown}");
}
