mod clients;
mod exchange;
mod guarded;
mod http;
mod introspection;
mod issuer;
mod listen;
mod printed;
mod quota;
mod refused;
mod secrets;
mod sender_constrained;
mod trust;
mod variables;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use remint::{Algorithm, Environment, Limit, Per, Plan, Trust};
use tempfile::TempDir;

use super::*;

/// What is wrong with the text, as it is told.
fn problems(text: &str, variables: &[(&str, &str)]) -> String {
    load(text, variables).1.err().map(|problems| problems.to_string()).unwrap_or_default()
}

fn settings(text: &str, variables: &[(&str, &str)]) -> Settings {
    load(text, variables).1.unwrap_or_else(|problems| panic!("{problems}"))
}

/// A file for its owner alone.
fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    fs::write(&path, content).unwrap();
    set_mode(path.as_ref(), 0o600);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn load(text: &str, variables: &[(&str, &str)]) -> (TempDir, Result<Settings, Problems>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    write(&file, text);
    write(folder.path().join("secret"), format!("{SECRET}\n"));
    write(folder.path().join("keys.json"), KEYS);
    let variables: BTreeMap<_, _> = variables.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    let loaded = Settings::load(Some(&file), variables);
    (folder, loaded)
}

/// The plans in their order, without the map of their names, which has none.
fn plans(settings: &Settings) -> Option<String> {
    settings.quota.as_ref().map(|plans| format!("{plans:?}").split(", named").next().unwrap_or_default().to_owned())
}

const SECRET: &str = "canary-canary-canary-canary-canary-1";
/// The public key of RFC 8037, appendix A.
const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
const CLIENT: &str =
    "[[clients]]\nid = 'edge-1'\nsecret = 'canary-canary-canary-canary-canary-1'\nmay = ['exchange']\n";
const TRUST: &str = "[[trust]]\nissuer = 'https://idp.example'\naudience = ['api']\n";

#[test]
fn without_a_file_everything_is_as_the_contract_says() {
    let settings = Settings::load(None, BTreeMap::new()).unwrap();
    assert_eq!(settings.listen.http, Some("127.0.0.1:8480".parse().unwrap()));
    assert_eq!(settings.listen.admin, Some("127.0.0.1:8483".parse().unwrap()));
    for line in [
        "read_timeout = \"30s\"",
        "idle_timeout = \"1m\"",
        "max_connections = 512",
        "max_connections_per_address = 64",
        "url = \"http://127.0.0.1:8480\"",
        "audience = [\"internal\"]",
        "ttl = \"5m\"",
        "max_length = 16384",
        "answer_within = \"1500ms\"",
        "algorithm = \"ES256\"",
        "keys = \"keys\"",
        "bearer = true",
        "api_key_schemes = [\"Token\", \"Api-Key\"]",
        "api_key_headers = [\"x-api-key\"]",
        "jwt_headers = []",
        "cookie = \"\"",
        "max_length = 8192",
        "store = \"sqlite://remint.db\"",
        "prefix = \"rmt\"",
        "accept = [\"remint\"]",
        "sign_up = [\"live\", \"test\"]",
        "bootstrap_on_http = true",
        "capacity = \"64MiB\"",
        "max_ttl = \"5m\"",
        "min_remaining = \"15s\"",
        "proxy = \"\"",
        "ca_file = \"\"",
        "insecure_hosts = []",
        "# require_tenant = false",
        "# jwks_headers = {}",
        "max_waiting = 1024",
        "max_wait = \"20s\"",
        "log = \"store\"",
        "max_staleness = \"30s\"",
        "warn_at = 100",
        "limit = 0",
        "# max_lifetime = \"24h\"",
        "# leeway = \"30s\"",
        "# jwks_refetch_after = \"10s\"",
        "# allow_roles = []",
        "# allow_groups = []",
        "# role_prefixes = []",
        "# roles = \"realm_access.roles\"",
        "# groups = \"groups\"",
        "# per = \"user\"",
        "# window = \"1m\"",
        "# [[clients]]",
        "# may = [\"exchange\", \"introspect\", \"revoke\"]",
        "# anyone = false",
    ] {
        assert!(settings.shown.lines().any(|shown| shown == line), "{line} is not in\n{}", settings.shown);
    }
}

#[test]
fn paths_begin_in_the_folder_of_the_file() {
    let (folder, settings) = load("[issuer]\nkeys = 'k'\n[api_keys]\nstore = 'sqlite://a/b.db'\n", &[]);
    let settings = settings.unwrap();
    assert_eq!(settings.issuer.keys.path, folder.path().join("k"));
    assert!(settings.api_keys.store.place == Place::Sqlite(folder.path().join("a/b.db")));
    assert!(settings.shown.contains("keys = \"k\"") && settings.shown.contains("sqlite://a/b.db"));
    let absolute = self::settings("[api_keys]\nstore = 'sqlite:///var/lib/remint.db'\n", &[]);
    assert!(absolute.api_keys.store.place == Place::Sqlite("/var/lib/remint.db".into()));
}

#[test]
fn every_limit_of_a_listener_reaches_it() {
    let text = "[listen]\nread_timeout = '1s'\nidle_timeout = '2s'\nmax_connections = 3\n\
                max_connections_per_address = 4\ntrusted_proxies = ['10.0.0.0/8']\n";
    let listen = settings(text, &[]).listen;
    let Limits { read_timeout, idle_timeout, max_connections, max_connections_per_address } = listen.limits;
    assert_eq!((read_timeout.as_secs(), idle_timeout.as_secs()), (1, 2));
    assert_eq!((max_connections, max_connections_per_address), (3, 4));
    let uncounted = listen.uncounted();
    let is_counted = |address: &str| !uncounted.iter().any(|network| network.contains(address.parse().unwrap()));
    assert!(["127.0.0.1", "127.9.9.9", "::1", "10.1.2.3"].iter().all(|address| !is_counted(address)));
    assert!(["192.0.2.1", "2001:db8::1"].iter().all(|address| is_counted(address)));
}

#[test]
fn every_setting_of_credentials_reaches_the_rules() {
    let text = "[credentials]\nbearer = false\napi_key_schemes = ['Key']\napi_key_headers = ['X-Key']\njwt_headers = ['X-Jwt']\ncookie = 'session'\n\
                origin = 'https://app.example'\nmax_length = 4096\nstrip_headers = ['X-Who', 'X-Is-*']\n";
    let expected = CredentialRules::default()
        .with_bearer(false)
        .with_api_key_schemes(["Key"])
        .with_api_key_headers([::http::HeaderName::from_static("x-key")])
        .with_jwt_headers([::http::HeaderName::from_static("x-jwt")])
        .with_cookie("session")
        .with_origin("https://app.example")
        .with_max_length(4096)
        .with_strip_headers(["x-who", "x-is-*"].map(::http::HeaderName::from_static));
    assert_eq!(format!("{:?}", settings(text, &[]).credentials), format!("{expected:?}"));
    assert_eq!(format!("{:?}", settings("", &[]).credentials), format!("{:?}", CredentialRules::default()));
    let with_cookie = "[credentials]\ncookie = 'session'\n[listen]\npublic_url = 'https://api.example/v1'\n";
    let expected = CredentialRules::default().with_cookie("session").with_origin("https://api.example/v1");
    assert_eq!(format!("{:?}", settings(with_cookie, &[]).credentials), format!("{expected:?}"));
}
