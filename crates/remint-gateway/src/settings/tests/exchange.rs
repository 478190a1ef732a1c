use std::path::Path;

use remint_jwt::{Algorithm, SigningKey};

use super::{CLIENT, SECRET, TRUST, load, problems, settings, write};
use crate::settings::{Log, Settings};

const EXCHANGE: &str = "[exchange]\nissuer = 'https://auth.example'\naudience = 'internal'\nclient_id = 'edge-1'\n\
                        client_secret = 'canary-canary-canary-canary-canary-1'\n";

/// How the edge of these settings proves who it is.
fn method(settings: &Settings) -> &'static str {
    settings.exchange.as_ref().unwrap().exchanger.endpoint().credentials().current().method()
}

#[test]
fn an_edge_without_keys_has_a_server() {
    let settings = settings(EXCHANGE, &[]);
    let exchange = settings.exchange.as_ref().unwrap();
    assert_eq!((exchange.issuer.as_str(), exchange.audience.as_str()), ("https://auth.example", "internal"));
    assert_eq!((exchange.exchanger.issuer(), exchange.exchanger.audience()), (&exchange.issuer, &exchange.audience));
    assert_eq!(method(&settings), "client_secret_basic");
    assert!(settings.shown.contains("client_secret = \"***\"\n"), "{}", settings.shown);
    assert!(!settings.shown.contains("canary") && !format!("{settings:?}").contains("canary"), "{settings:?}");
    assert!(self::settings("", &[]).exchange.is_none());
}

#[test]
fn what_is_at_the_server_is_neither_shown_nor_taken() {
    let text = format!(
        "{EXCHANGE}url = 'https://auth.example/t'\njwks_uri = 'https://auth.example/k'\n\
                        opaque_prefix = 'ory_at_'\ndeadline = '500ms'\n[cache]\nmax_ttl = '1m'\n"
    );
    let text = text.replace("'canary-canary-canary-canary-canary-1'", "{ file = 'secret' }");
    let once = settings(&text, &[]);
    let headers: Vec<_> = once.shown.lines().filter(|line| line.starts_with('[')).collect();
    assert_eq!(
        headers,
        ["[listen]", "[http]", "[revocation]", "[exchange]", "[credentials]", "[dpop]", "[cache]", "[failures]"]
    );
    assert_eq!(settings(&once.shown, &[]).shown, once.shown);
    for (text, line, key) in [
        ("[issuer]\nttl = '1m'\n", 6, "issuer"),
        (TRUST, 6, "trust"),
        (CLIENT, 6, "clients"),
        ("[api_keys]\nstore = 'memory:'\n", 6, "api_keys"),
        ("[[quota.limits]]\nname = 'a'\nquota = 5\n", 6, "quota"),
        ("[plans.team]\n", 6, "plans"),
        ("[leaked_keys]\npublic_keys_uri = ''\n", 6, "leaked_keys"),
        ("[admin]\nbootstrap_key = 'canary-canary-canary-canary-canary-1'\n", 6, "admin"),
    ] {
        let told = problems(&format!("{EXCHANGE}{text}"), &[]);
        assert!(told.contains(&format!("gateway.toml:{line}: `{key}` means nothing beside `[exchange]`")), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
    let told = problems(EXCHANGE, &[("REMINT__ISSUER__TTL", "1m")]);
    assert!(told.starts_with("REMINT__ISSUER__TTL: `issuer` means nothing"), "{told}");
}

#[test]
fn an_edge_without_keys_follows_the_log_of_its_server_unless_it_is_told_otherwise() {
    let log = |log: &str| settings(&format!("{EXCHANGE}[revocation]\n{log}"), &[]);
    assert_eq!(log("").revocation.log, Log::Source);
    assert!(log("").shown.contains("# log: absent, the log of the server of `[exchange]`\n"));
    assert_eq!(log("log = 'process'").revocation.log, Log::Process);
    let other = log("log = 'https://log.example/v1/revocations'");
    assert!(matches!(&other.revocation.log, Log::Server(url) if url.as_str() == "https://log.example/v1/revocations"));
    assert!(other.shown.contains("log = \"https://log.example/v1/revocations\"\n"), "{}", other.shown);
    for (text, expected) in [
        ("log = 'store'", "there is no store"),
        ("log = 'http://log.example/v1/revocations'", "an https address"),
        ("log = 'proces'", "did you mean \"process\"?"),
    ] {
        let told = problems(&format!("{EXCHANGE}[revocation]\n{text}"), &[]);
        assert!(told.contains("gateway.toml:7: `revocation.log`: ") && told.contains(expected), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn an_edge_signs_with_a_key_from_a_file_or_the_settings() {
    let pem = SigningKey::generate(Algorithm::EdDSA).unwrap().to_pem().unwrap();
    let with = |key: &str| {
        let secret = "client_secret = 'canary-canary-canary-canary-canary-1'";
        EXCHANGE.replace(secret, &format!("client_key = {key}\nclient_key_algorithm = 'EdDSA'"))
    };
    let inline = settings(&with(&format!("'''{}'''", *pem)), &[]);
    assert_eq!(method(&inline), "private_key_jwt");
    let (folder, missing) = load(&with("{ file = 'edge.pem' }"), &[]);
    assert!(missing.unwrap_err().to_string().contains("edge.pem cannot be read"));
    write(folder.path().join("edge.pem"), pem.as_bytes());
    let file: &Path = &folder.path().join("gateway.toml");
    assert_eq!(method(&Settings::load(Some(file), Default::default()).unwrap()), "private_key_jwt");
}

#[test]
fn an_exchange_that_cannot_be_used_is_an_error_with_its_line() {
    let secret = "client_secret = 'canary-canary-canary-canary-canary-1'\n";
    let without = |line: &str| EXCHANGE.replace(line, "");
    let with = |line: &str| format!("{EXCHANGE}{line}\n");
    let key = |line: &str| EXCHANGE.replace(secret, &format!("{line}\n"));
    for (text, line, expected) in [
        (without("issuer = 'https://auth.example'\n"), 1, "`exchange.issuer` is missing"),
        (without("audience = 'internal'\n"), 1, "`exchange.audience` is missing"),
        (without("client_id = 'edge-1'\n"), 1, "`exchange.client_id` is missing"),
        (without(secret), 1, "lacks `client_secret` or `client_key`"),
        (EXCHANGE.replace("https://auth", "http://auth"), 2, "`exchange.issuer`: an https address"),
        (EXCHANGE.replace("https://auth.example", "auth"), 2, "`exchange.issuer`: an https address"),
        (EXCHANGE.replace("'internal'", "''"), 3, "`exchange.audience`"),
        (key("client_secret = { env = 'GONE' }"), 5, "GONE is not set"),
        (key("client_secret = { file = 'gone' }"), 5, "cannot be read"),
        (key("client_key = 'canary'"), 5, "no ES256 key in PEM"),
        (key("client_key = { file = 'secret' }"), 5, "holds no key of the algorithm"),
        (with("client_key = 'canary'"), 6, "not both"),
        (with("client_key_algorithm = 'EdDSA'"), 6, "means nothing without `client_key`"),
        (with("client_key_algorithm = 'HS256'"), 6, "did you mean"),
        (with("url = 'http://auth.example/oauth2/token'"), 6, "`exchange.url`: an https address"),
        (with("jwks_uri = 'keys.json'"), 6, "`exchange.jwks_uri`: an https address"),
        (with("opaque_prefix = ''"), 6, "is empty"),
        (with("deadline = '0s'"), 6, "between 10ms and 1m"),
        (with("deadline = '2m'"), 6, "between 10ms and 1m"),
        (with("dedline = '1s'"), 6, "did you mean `deadline`?"),
        ("[exchagne]\nissuer = 'https://auth.example'\n".to_owned(), 1, "did you mean `exchange`?"),
    ] {
        let told = problems(&text, &[]);
        assert!(told.contains(&format!("gateway.toml:{line}: ")) && told.contains(expected), "{text}{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
    let told = problems("\n[exchange]\n", &[]);
    assert!(told.lines().count() == 4 && told.lines().all(|line| line.contains("gateway.toml:2: ")), "{told}");
    // With both addresses said, the issuer is a name and nobody is asked there.
    let named = EXCHANGE.replace("https://auth.example", "auth");
    assert_eq!(problems(&format!("{named}url = 'https://a.example'\njwks_uri = 'https://b.example'\n"), &[]), "");
    let variables = [("REMINT__EXCHANGE__CLIENT_SECRET__ENV", "KEY"), ("KEY", SECRET)];
    assert_eq!(problems(&without(secret), &variables), "");
}
