use super::*;
use remint::{Jwk, SigningKey};

fn pem(algorithm: Algorithm) -> String {
    SigningKey::generate(algorithm).unwrap().to_pem().unwrap().to_string()
}

const PEPPERS: &str = "\n[api_keys]\npeppers = ['canary-canary-canary-canary-canary-1']\n";

/// With `REMINT_SIGNING_KEY` and the settings of the issuer.
fn with_key(issuer: &str, pem: &str) -> (TempDir, Result<Settings, Problems>) {
    load(
        &format!("[issuer]\nkey = {{ env = 'REMINT_SIGNING_KEY' }}\n{issuer}{PEPPERS}"),
        &[("REMINT_SIGNING_KEY", pem)],
    )
}

fn told(issuer: &str, pem: &str) -> String {
    with_key(issuer, pem).1.err().map(|problems| problems.to_string()).unwrap_or_default()
}

#[test]
fn the_signing_key_may_come_from_a_variable_and_is_shown_nowhere() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256] {
        let pem = pem(algorithm);
        let (_folder, settings) = with_key(&format!("algorithm = '{algorithm}'\n"), &pem);
        let settings = settings.unwrap_or_else(|problems| panic!("{problems}"));
        let given = settings.issuer.given.as_ref().unwrap();
        assert_eq!(given.signing_key().unwrap().to_pem().unwrap().as_str(), pem);
        let secret: &str = pem.lines().nth(1).unwrap();
        assert!(!settings.shown.contains(secret) && !format!("{settings:?}").contains(secret));
        assert!(settings.shown.contains("key = { env = \"REMINT_SIGNING_KEY\" }"), "{}", settings.shown);
        assert!(settings.shown.contains("# keys: absent, the key is given"), "{}", settings.shown);
    }
}

#[test]
fn the_signing_key_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("key.pem"), pem(Algorithm::Es256));
    let file = folder.path().join("gateway.toml");
    write(&file, format!("[issuer]\nkey = {{ file = 'key.pem' }}{PEPPERS}"));
    let settings = Settings::load(Some(&file), BTreeMap::new()).unwrap();
    assert!(settings.issuer.given.is_some());
    let variables = BTreeMap::from([("REMINT__ISSUER__KEY".to_owned(), pem(Algorithm::Es256))]);
    write(&file, PEPPERS);
    assert!(Settings::load(Some(&file), variables).unwrap().issuer.given.is_some());
}

#[test]
fn a_signing_key_that_is_printed_can_be_read_again() {
    let pem = pem(Algorithm::Es256);
    let variables = [("KEY", &*pem), ("PEPPER", SECRET)];
    let first = settings("[issuer]\nkey = { env = 'KEY' }\n[api_keys]\npeppers = [{ env = 'PEPPER' }]\n", &variables);
    let again = settings(&first.shown, &variables);
    assert_eq!(again.shown, first.shown);
    assert!(again.issuer.given.is_some());
}

#[test]
fn what_does_not_go_with_a_signing_key_is_told_with_its_line() {
    let pem = pem(Algorithm::Es256);
    for (issuer, problem) in [
        ("keys = 'k'\n", ":3: `issuer.keys` and `issuer.key` are two places"),
        ("rotate_every = '90d'\n", ":3: `issuer.rotate_every`: a key that is given does not rotate"),
        ("algorithm = 'RS256'\n", ":2: `issuer.key`: it is not a private key for RS256"),
        ("also_published = 'nowhere.json'\n", ":3: `issuer.also_published`: it cannot be read"),
        ("also_published = 'secret'\n", ":3: `issuer.also_published`: it is no key set"),
    ] {
        let told = told(issuer, &pem);
        assert!(told.contains(problem), "{issuer}: {told}");
    }
    for rubbish in ["canary rubbish", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
        let told = told("", rubbish);
        assert!(told.contains(":2: `issuer.key`: it is not a private key for ES256"), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
    let without = problems("[issuer]\nkey = { env = 'REMINT_SIGNING_KEY' }\n", &[("REMINT_SIGNING_KEY", &pem)]);
    assert!(without.contains(":2: `issuer.key` leaves no folder for a pepper"), "{without}");
    let missing = problems(&format!("[issuer]\nkey = {{ env = 'REMINT_SIGNING_KEY' }}{PEPPERS}"), &[]);
    assert!(missing.contains(":2: `issuer.key`: REMINT_SIGNING_KEY is not set"), "{missing}");
}

#[test]
fn the_next_key_is_read_from_a_key_set() {
    let next = SigningKey::generate(Algorithm::Es256).unwrap();
    let jwk: &Jwk = next.public_jwk();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let issuer = "[issuer]\nkey = { env = 'KEY' }\nalso_published = 'next.json'";
    write(&file, format!("{issuer}{PEPPERS}"));
    let load = |set: &str| {
        write(folder.path().join("next.json"), set);
        Settings::load(Some(&file), BTreeMap::from([("KEY".to_owned(), pem(Algorithm::Es256))]))
    };
    let settings = load(&format!("{{\"keys\":[{}]}}", jwk.to_json())).unwrap();
    assert_eq!(settings.issuer.given.unwrap().also_publish, std::slice::from_ref(jwk));
    let told = load("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}").unwrap_err().to_string();
    assert!(told.contains(":3: `issuer.also_published`: a key of it cannot be used"), "{told}");
}

#[test]
fn keys_rotate_by_age_if_that_leaves_time_to_publish_them() {
    let rotating = settings("[issuer]\nrotate_every = '90d'\n", &[]);
    assert_eq!(rotating.issuer.rotate_every, Some(Duration::from_secs(90 * 86_400)));
    assert!(rotating.shown.contains("rotate_every = \"2160h\""), "{}", rotating.shown);
    let standard = settings("", &[]);
    assert_eq!(standard.issuer.rotate_every, None);
    assert!(standard.shown.contains("# rotate_every: absent, never"), "{}", standard.shown);
    for short in ["0s", "10m", "12m"] {
        let told = problems(&format!("[issuer]\nrotate_every = '{short}'\n"), &[]);
        assert!(told.contains(":2: `issuer.rotate_every`: a key signs for longer than"), "{short}: {told}");
    }
    assert!(problems("[issuer]\nrotate_every = '721s'\n", &[]).is_empty());
    let lonely = problems("[issuer]\nalso_published = 'secret'\n", &[]);
    assert!(lonely.contains(":2: `issuer.also_published` goes with `issuer.key`"), "{lonely}");
}
