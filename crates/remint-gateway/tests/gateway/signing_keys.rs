use std::fs;
use std::process::Output;

use remint_jwt::{Algorithm, SigningKey};
use serde_json::Value;

use crate::support::{Gateway, stderr, stdout, write};

fn signing_keys(gateway: &Gateway, arguments: &[&str]) -> Output {
    gateway.command(&["signing-keys"]).args(arguments).output().unwrap()
}

fn json(gateway: &Gateway, arguments: &[&str]) -> Value {
    let output = signing_keys(gateway, &[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a gateway has at its first start.
fn with_a_key() -> Gateway {
    let mut gateway = Gateway::started("");
    assert_eq!(gateway.stop(), Some(0));
    gateway
}

fn pem_files(gateway: &Gateway) -> usize {
    let names = fs::read_dir(gateway.path("keys")).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().unwrap().ends_with(".pem")).count()
}

#[test]
fn without_keys_there_is_nothing_to_see_and_nothing_is_made() {
    let gateway = Gateway::new("");
    assert_eq!(json(&gateway, &["list"])["items"], Value::Array(Vec::new()));
    for refused in [&["rotate"][..], &["retire", "some", "--yes"], &["retire", "some"]] {
        let output = signing_keys(&gateway, refused);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("there are no keys in"), "{}", stderr(&output));
    }
    assert!(!gateway.path("keys").exists());
}

#[test]
fn keys_are_listed_rotated_and_retired() {
    let gateway = with_a_key();
    let listed = json(&gateway, &["list"]);
    let first = listed["items"][0].clone();
    assert_eq!((&first["state"], &first["algorithm"]), (&"signing".into(), &"ES256".into()));
    assert_eq!(first["jwk"]["kid"], first["id"]);
    assert!(first["jwk"].get("d").is_none());

    let rotated = json(&gateway, &["rotate"]);
    let next = &rotated["next"];
    assert_eq!((&rotated["made"], &next["state"]), (&true.into(), &"next".into()));
    let text = stdout(&signing_keys(&gateway, &["rotate"]));
    let id = next["id"].as_str().unwrap();
    assert!(text.starts_with(&format!("{id} was waiting already: it signs from 20")), "{text}");
    assert_eq!(json(&gateway, &["rotate"])["made"], false);
    let table = stdout(&signing_keys(&gateway, &["list"]));
    assert!(table.starts_with("ID ") && table.contains("ES256      next "), "{table}");

    let first = first["id"].as_str().unwrap();
    let asked = signing_keys(&gateway, &["retire", first]);
    assert_eq!(asked.status.code(), Some(1));
    assert!(stderr(&asked).contains("It signs now") && stderr(&asked).contains("--yes"), "{}", stderr(&asked));
    assert_eq!(pem_files(&gateway), 2);
    let unknown = signing_keys(&gateway, &["retire", "nobody", "--yes"]);
    assert_eq!((unknown.status.code(), stderr(&unknown).contains("no signing key nobody")), (Some(1), true));

    let retired = json(&gateway, &["retire", first, "--yes"]);
    assert_eq!((&retired["id"], &retired["signing"]["id"]), (&first.into(), &id.into()));
    assert_eq!(pem_files(&gateway), 1);
    let told = signing_keys(&gateway, &["retire", id, "--yes"]);
    assert!(stdout(&told).starts_with(&format!("{id} is removed; ")), "{}", stdout(&told));
    assert_eq!(pem_files(&gateway), 1, "a new one took its place");
}

#[tokio::test]
async fn a_key_from_a_variable_signs_and_is_listed_and_not_ours_to_rotate() {
    let (own, next) =
        (SigningKey::generate(Algorithm::Es256).unwrap(), SigningKey::generate(Algorithm::Es256).unwrap());
    let settings = "[issuer]\nkey = { file = 'key.pem' }\nalso_published = 'next.json'\n\
                    [api_keys]\npeppers = ['canary-canary-canary-canary-canary-1']\n";
    let gateway = Gateway::new(settings);
    write(gateway.path("key.pem"), own.to_pem().unwrap().as_str());
    let gateway = gateway.with_key_set("next.json", &next).running();
    assert!(!gateway.path("keys").exists(), "nothing is kept");
    let published: Value = gateway.get("/.well-known/jwks.json", "").await.json().await.unwrap();
    let ids: Vec<_> = published["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(ids, [own.key_id(), next.key_id()]);

    let listed = json(&gateway, &["list"]);
    assert_eq!((&listed["items"][0]["state"], &listed["items"][1]["state"]), (&"signing".into(), &"published".into()));
    for refused in [&["rotate"][..], &["retire", own.key_id(), "--yes"]] {
        let output = signing_keys(&gateway, refused);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("`issuer.key` is one key"), "{}", stderr(&output));
    }
}
