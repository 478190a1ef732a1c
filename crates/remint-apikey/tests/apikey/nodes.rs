//! Several nodes over one store whose peppers differ: a key that one of them accepts, all of them do.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use remint_apikey::{ForeignDigest, ImportedKey, NewKey, TextFormat};
use remint_core::{Environment, KeyId, StoreError, UnavailableKind};

use crate::support::{Bench, alice, is_out, pepper};

/// A key made at, or brought to, the first of these nodes.
async fn key_at(node: &Bench, made: Made) -> (String, KeyId) {
    match made {
        Made::Here => {
            let (key, record) = node.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
            (key.expose_secret().to_owned(), record.id)
        }
        Made::Elsewhere => {
            let digest = ForeignDigest::parse("sha256", &sha256(OPAQUE)).unwrap();
            let key = ImportedKey::new(alice(), Environment::Live, &format(), "sk_live_0123", digest).unwrap();
            (OPAQUE.to_owned(), node.keys.import(vec![key]).await.unwrap().remove(0).id)
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Made {
    Here,
    Elsewhere,
}

async fn site() -> Bench {
    let bench = Bench::new();
    bench.sign_up().await;
    bench
}

fn node(site: &Bench, peppers: &[&str]) -> Bench {
    let mut node = site.node(peppers);
    node.keys = node.keys.accepting(vec![TextFormat::Remint, format()]);
    node
}

/// Each node accepts the key, again and again; under which pepper it is hashed afterwards.
async fn all_accept(nodes: &[&Bench], (text, id): &(String, KeyId)) -> Option<String> {
    for round in 0..3 {
        for (number, node) in nodes.iter().enumerate() {
            assert!(node.ask(text).await.is_ok_and(|known| known.is_some()), "node {number}, round {round}");
        }
    }
    let digest = nodes.first().unwrap().keys.key(id).await.unwrap().unwrap().digest;
    digest.scheme.strip_prefix("hmac-sha256:").map(str::to_owned)
}

#[tokio::test]
async fn a_key_is_not_hashed_under_a_pepper_that_a_node_lacks_until_that_node_has_it() {
    // The new pepper is put in front at once, or behind the others at first; and either node comes first.
    for (made, in_front, old_first) in [
        (Made::Elsewhere, true, true),
        (Made::Elsewhere, true, false),
        (Made::Elsewhere, false, true),
        (Made::Elsewhere, false, false),
        (Made::Here, true, true),
        (Made::Here, false, true),
        (Made::Here, false, false),
    ] {
        let case = format!("{made:?} {in_front} {old_first}");
        let site = site().await;
        let old = node(&site, &["first"]);
        let new = node(&site, if in_front { &["second", "first"] } else { &["first", "second"] });
        let (one, two) = if old_first { (&old, &new) } else { (&new, &old) };
        let key = key_at(one, made).await;
        for _ in 0..3 {
            assert_ne!(all_accept(&[one, two], &key).await.as_deref(), Some(pepper("second").id()), "{case}");
            site.ten_minutes(&[&old, &new]).await;
        }
        let made_now = key_at(two, Made::Here).await;
        assert_eq!(all_accept(&[one, two], &made_now).await.as_deref(), Some(pepper("first").id()), "{case}");

        // The other node gets it too, and both start with it in front.
        let (old, new) = (node(&site, &["second", "first"]), node(&site, &["second", "first"]));
        site.ten_minutes(&[&old, &new]).await;
        for key in [&key, &made_now] {
            assert_eq!(all_accept(&[&old, &new], key).await.as_deref(), Some(pepper("second").id()), "{case}");
        }
        assert_eq!(all_accept(&[&node(&site, &["second"])], &key).await.as_deref(), Some(pepper("second").id()));
    }
}

#[tokio::test]
async fn nodes_that_list_the_same_peppers_in_another_order_do_not_hash_a_key_to_and_fro() {
    let site = site().await;
    let [one, two] = [&["second", "first"], &["first", "second"]].map(|peppers| node(&site, peppers));
    let key = key_at(&site, Made::Here).await;
    site.ten_minutes(&[&one, &two]).await;
    let before = site.store.rehashed();
    all_accept(&[&one, &two, &one], &key).await;
    assert_eq!(site.store.rehashed() - before, 1);
    for node in [&one, &two] {
        let made = key_at(node, Made::Here).await;
        assert_eq!(all_accept(&[&one, &two], &made).await.as_deref(), Some(pepper("second").id()));
    }
}

/// As one would be that stood still for ten minutes.
#[tokio::test]
async fn a_node_without_the_pepper_in_use_makes_and_imports_no_key() {
    let site = site().await;
    let (old, new) = (node(&site, &["first"]), node(&site, &["second", "first"]));
    let key = key_at(&old, Made::Here).await;
    site.ten_minutes(&[&new]).await;
    key_at(&new, Made::Here).await;
    let refused = old.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Unavailable(error) if error.kind() == UnavailableKind::Pepper), "{refused}");
    let digest = ForeignDigest::parse("sha256", &sha256(OPAQUE)).unwrap();
    let brought = ImportedKey::new(alice(), Environment::Live, &format(), "sk_live_0123", digest).unwrap();
    assert!(old.keys.import(vec![brought]).await.is_err());
    assert_eq!(old.keys.missing_peppers().await.unwrap(), [pepper("second").id()]);
    // What was there goes on at both until it is hashed again.
    all_accept(&[&old], &key).await;
    all_accept(&[&new], &key).await;
    assert!(is_out(&old.ask(&key.0).await));
}

#[tokio::test]
async fn a_key_that_was_imported_at_one_node_is_found_by_the_import_at_another() {
    let site = site().await;
    let (old, new) = (node(&site, &["first"]), node(&site, &["second", "first"]));
    key_at(&old, Made::Here).await;
    key_at(&new, Made::Elsewhere).await;
    let digest = ForeignDigest::parse("sha256", &sha256(OPAQUE)).unwrap();
    let again = ImportedKey::new(alice(), Environment::Live, &format(), "sk_live_0123", digest).unwrap();
    assert!(old.keys.imported(&again).await.unwrap().is_some());
}

const OPAQUE: &str = "sk_live_0123456789abcdefghijkl";

fn format() -> TextFormat {
    "opaque:sk_live_".parse().unwrap()
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
