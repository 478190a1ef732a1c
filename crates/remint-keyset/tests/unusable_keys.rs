//! What the log says of keys that are not used. One test, in a process of its own: tracing remembers for a whole
//! process which places are listened to.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::sync::Arc;

use remint_core::{IssuerId, SystemClock};
use remint_jwt::{Algorithm, SigningKey};
use remint_keyset::{HttpClient, KeySet, KeySetSettings, KeySource};
use remint_testkit::CapturedLog;
use serde_json::{Value, json};

fn key(kid: &str, members: &Value) -> Value {
    let mut jwk = SigningKey::generate(Algorithm::Es256).unwrap().public_jwk().to_json();
    jwk["kid"] = kid.into();
    for (name, value) in members.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

/// The lines about keys since the last call.
fn warned(log: &CapturedLog) -> Vec<String> {
    log.take().lines().filter(|line| line.contains("a key of the set is not used")).map(str::to_owned).collect()
}

#[tokio::test]
async fn each_key_that_is_not_used_is_one_warning_when_it_arrives() {
    let log = CapturedLog::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.writer()).finish();
    let _log = tracing::subscriber::set_default(subscriber);

    let file = tempfile::NamedTempFile::new().unwrap();
    let publish = |keys: &[Value]| std::fs::write(file.path(), json!({ "keys": keys }).to_string()).unwrap();
    let issuer = IssuerId::new("https://idp.example").unwrap();
    let http = Arc::new(HttpClient::new().unwrap());
    let set = |source| KeySet::new(issuer.clone(), source, http.clone(), SystemClock, KeySetSettings::default());
    let keys = set(KeySource::File(file.path().into()));
    warned(&log);

    // The set ends up empty.
    let (private, encrypting) = (key("private", &json!({ "d": "AAAA" })), key("for-use", &json!({ "use": "enc" })));
    publish(&[private.clone(), encrypting.clone()]);
    assert!(keys.refresh().await.is_err());
    let lines = warned(&log);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for (kid, reason) in [("private", "carries private members"), ("for-use", "not for verifying signatures")] {
        let told = |line: &&String| line.contains(&format!("kid=\"{kid}\"")) && line.contains(reason);
        let line = lines.iter().find(told).unwrap_or_else(|| panic!("{kid}: {lines:#?}"));
        assert!(line.contains("WARN") && line.contains("issuer=https://idp.example"), "{line}");
    }

    // Once, and not with each fetch.
    assert!(keys.refresh().await.is_err());
    assert_eq!(warned(&log), Vec::<String>::new());

    // One arrives by rotation; one is for another issuer; one is there for tokens of many.
    let other = json!({ "issuer": "https://other.example" });
    let twice = key("strange", &json!({ "crv": "P-192" }));
    publish(&[private, twice, key("other", &other), key("any", &json!({ "issuer": "https://a.example/{tenantid}" }))]);
    keys.refresh().await.unwrap();
    let lines = warned(&log);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("kid=\"strange\"") && line.contains("not supported")));
    assert!(lines.iter().any(|line| line.contains("kid=\"other\"") && line.contains("https://other.example")));

    // Keys at hand are looked at, too.
    let text = json!({ "keys": [encrypting] }).to_string();
    let _fixed = set(KeySource::Fixed(remint_jwt::JwkSet::parse(text.as_bytes()).unwrap()));
    assert_eq!(warned(&log).len(), 1);
}
