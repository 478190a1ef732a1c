mod clients;
mod exchange;
mod guarded;
mod introspection;
mod issuer;
mod sender_constrained;

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
        "answer_within = \"1500ms\"",
        "algorithm = \"ES256\"",
        "keys = \"keys\"",
        "bearer = true",
        "api_key_schemes = [\"Token\", \"Api-Key\"]",
        "api_key_headers = [\"x-api-key\"]",
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
        "max_waiting = 1024",
        "max_wait = \"20s\"",
        "warn_at = 100",
        "limit = 0",
        "# max_lifetime = \"24h\"",
        "# leeway = \"30s\"",
        "# jwks_refetch_after = \"10s\"",
        "# allow_roles = []",
        "# allow_groups = []",
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
fn what_is_printed_is_a_file_of_the_same_settings() {
    let texts = [
        "",
        "[listen]\nhttp = ''\nadmin_hosts = ['gateway.internal']\ntrusted_proxies = ['10.0.0.0/8', '::1']\npublic_url = 'https://auth.example'\n\
         [issuer]\nttl = '90s'\naudience = ['a \"quoted\" one', 'b']\nalgorithm = 'EdDSA'\n\
         [api_keys]\nstore = 'memory:'\naccept = ['remint', 'drf', 'opaque:old-']\nsign_up = []\n\
         peppers = [{ file = 'secret' }]\n\
         [cache]\ncapacity = '1GiB'\nmax_ttl = '1500ms'\nmax_waiting = 8\nmax_wait = '30s'\n[failures]\nwarn_at = 0\nlimit = 50\n[admin]\nbootstrap_key = { file = 'secret' }\n",
        "[[trust]]\nissuer = 'https://a.example'\naudience = ['api', 'b']\ntenant = 'fixed'\njust_in_time = true\n\
         [[trust]]\nname = 'b'\nissuer = 'https://b.example'\naudience = ['api']\njwks_file = 'b.json'\n\
         tenants = ['*']\nenvironment = 'test'\n[trust.claims]\ntenant = 'team'\nroles = 'groups'\n",
        "[[clients]]\nid = 'edge-1'\nsecret = { file = 'secret' }\nalso_secret = { env = 'NEXT' }\nmay = ['exchange']\n\
         edge = true\n[[clients]]\nid = 'jobs'\njwks = 'keys.json'\nmay = ['client_credentials']\nscopes = ['a', 'b']\n\
         environment = 'test'\n[clients.act_for]\nusers = ['alice']\nenvironments = ['test']\n",
        "[[quota.limits]]\nname = 'user'\nquota = 60\n[plans.unlimited]\n[[plans.\"a.b\".limits]]\nname = 'tenant'\n\
         quota = 5\nwindow = '1h'\nburst = 2\nper = 'tenant'\nclass = 'write'\n",
    ];
    for text in texts {
        let once = settings(text, &[("NEXT", SECRET)]);
        let again = settings(&once.shown, &[("NEXT", SECRET)]);
        assert_eq!(once.shown, again.shown);
        let place = |settings: &Settings| {
            format!("{:?}", (&settings.listen, &settings.issuer.ttl, &settings.cache, &settings.failures))
        };
        assert_eq!(place(&once), place(&again));
        assert_eq!(once.trusts.len(), again.trusts.len());
        assert_eq!(plans(&once), plans(&again));
        let clients =
            |settings: &Settings| format!("{:?}", settings.clients.iter().map(|it| &it.client).collect::<Vec<_>>());
        assert_eq!(clients(&once), clients(&again));
    }
}

#[test]
fn a_setting_that_differs_is_printed_with_its_default() {
    let shown = settings("[issuer]\nttl = '1m'\n", &[]).shown;
    assert!(shown.contains("ttl = \"1m\" # default: \"5m\"\n"), "{shown}");
}

#[test]
fn an_unknown_setting_is_an_error_with_its_line_and_a_suggestion() {
    for (text, expected) in [
        ("\n[isuer]\nurl = 'https://a'\n", ":2: there is no setting `isuer`; did you mean `issuer`?"),
        ("[issuer]\n\nalgoritm = 'ES256'\n", ":3: `issuer` has no setting `algoritm`; did you mean `algorithm`?"),
        ("[listen]\nhttps = ''\n", ":2: `listen` has no setting `https`; did you mean `http`?"),
        ("[listen]\nnothing_like_it = 1\n", ":2: `listen` has no setting `nothing_like_it`"),
        (
            "[[trust]]\nissuer = 'https://a'\naudience = ['b']\n[trust.claims]\nrole = 'x'\n",
            ":5: `trust[0].claims` has no setting `role`; did you mean `roles`?",
        ),
        ("\"a key\" = 1\n", ":1: there is no setting `\"a key\"`"),
    ] {
        let told = problems(text, &[]);
        assert!(told.ends_with(expected), "{told}");
        assert!(told.contains("gateway.toml:"), "{told}");
    }
}

#[test]
fn what_this_version_does_not_implement_is_an_error_and_not_ignored() {
    for text in [
        "[listen]\nforward_auth = '127.0.0.1:8481'\n",
        "[listen]\next_authz = '127.0.0.1:8482'\n",
        "[cache]\nl2 = 'redis://127.0.0.1:6379'\n",
        "[cache]\nsecret = { env = 'X' }\n",
        "[revocation]\nlog = 'store'\n",
        "[revocation]\nmax_staleness = '30s'\n",
        "[policies.strict]\n",
        "[tls]\ncert = 'x'\n",
        "[telemetry]\notlp = 'x'\n",
    ] {
        let told = problems(text, &[]);
        assert!(told.contains(": this version does not implement `"), "{text}{told}");
        assert!(told.contains("gateway.toml:1") || told.contains("gateway.toml:2"), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
    let told = problems("", &[("REMINT__CACHE__L2", "redis://127.0.0.1")]);
    assert_eq!(told, "REMINT__CACHE__L2: this version does not implement `cache.l2` yet");
}

#[test]
fn a_value_that_is_none_is_an_error_with_its_line() {
    for (text, line, expected) in [
        ("[issuer]\nalgorithm = 'ES257'\n", 2, "did you mean \"ES256\"?"),
        ("[issuer]\nalgorithm = 'ES384'\n", 2, "ES256, EdDSA, RS256 or PS256"),
        ("[issuer]\nttl = 300\n", 2, "a duration is a text"),
        ("[issuer]\nttl = '0s'\n", 2, "at least one second"),
        ("[issuer]\naudience = []\n", 2, "is empty"),
        ("[issuer]\naudience = 'a'\n", 2, "not a list"),
        ("[issuer]\naudience = ['a']\ntrust_domain = 'a'\n", 3, "could be mixed up"),
        ("[issuer]\nkeys = ''\n", 2, "not empty"),
        ("issuer = 'x'\n", 1, "not a section"),
        ("trust = 'x'\n", 1, "[[trust]]"),
        ("[listen]\nhttp = 'localhost'\n", 2, "not an address and a port"),
        ("[listen]\nhttp = ''\nadmin = ''\n", 2, "nothing to serve"),
        ("[listen]\nadmin = '127.0.0.1:8480'\n", 2, "the same address"),
        ("[listen]\nread_timeout = '0s'\n", 2, "between 100ms and 1h"),
        ("[listen]\nread_timeout = '2h'\n", 2, "between 100ms and 1h"),
        ("[listen]\nadmin_hosts = ['gateway:8483']\n", 2, "without a port"),
        ("[listen]\nadmin_hosts = ['*']\n", 2, "the name of a host"),
        ("[listen]\nadmin_hosts = ['a..b']\n", 2, "the name of a host"),
        ("[listen]\nidle_timeout = '0s'\n", 2, "`listen.idle_timeout`: between 100ms and 1h"),
        ("[listen]\nmax_connections = 0\n", 2, "between 1 and"),
        ("[listen]\nmax_connections_per_address = 0\n", 2, "`listen.max_connections_per_address`: between 1 and"),
        ("[listen]\npublic_url = 'auth.example'\n", 2, "an address such as"),
        ("[listen]\npublic_url = 'https://a.example/'\n", 2, "an address such as"),
        ("[listen]\ntrusted_proxies = [\n  '10.0.0.0/8',\n  '10.0.0.0/33',\n]\n", 4, "CIDR"),
        ("[credentials]\nbearer = 'yes'\n", 2, "not `true` or `false`"),
        ("[credentials]\nmax_length = -1\n", 2, "whole number"),
        ("[credentials]\nmax_length = 0\n", 2, "positive"),
        ("[credentials]\nmax_length = 65537\n", 2, "65536"),
        ("[credentials]\napi_key_schemes = ['Bearer']\n", 2, "api_key_schemes"),
        ("[credentials]\napi_key_headers = ['a b']\n", 2, "api_key_headers"),
        ("[credentials]\nstrip_headers = ['host']\n", 2, "strip_headers"),
        ("[credentials]\nstrip_headers = ['x-*']\n", 2, "three letters"),
        ("[credentials]\ncookie = 'a b'\n", 2, "cookie"),
        ("[credentials]\ncookie = 'a'\norigin = 'app.example'\n", 3, "`credentials.origin`: an origin is"),
        ("[credentials]\norigin = 'https://app.example'\n", 2, "means nothing without"),
        ("[api_keys]\nstore = 'mysql://a/b'\n", 2, "a store is"),
        ("[api_keys]\nstore = 'sqlite://a.db?mode=ro'\n", 2, "without settings"),
        ("[api_keys]\nprefix = 'Sk'\n", 2, "lower-case"),
        ("[api_keys]\naccept = ['drf']\n", 2, "lacks"),
        ("[api_keys]\naccept = ['remint', 'x']\n", 2, "a format of key text"),
        ("[api_keys]\npeppers = ['short']\n", 2, "at least 16 bytes"),
        ("[api_keys]\npeppers = []\n", 2, "is empty"),
        ("[api_keys]\nsign_up = ['prod']\n", 2, "`live` or `test`"),
        ("[cache]\ncapacity = '64MB'\n", 2, "a size is a text"),
        ("[cache]\ncapacity = 64\n", 2, "a size is a text"),
        ("[cache]\nmin_remaining = '6m'\n", 2, "longer than `issuer.ttl`"),
        ("[cache]\nmax_waiting = 3\n", 2, "between 4 and"),
        ("[failures]\nlimit = 4294967296\n", 2, "or 0 for none"),
        ("[failures]\nlimits = 5\n", 2, "limit"),
        ("[cache]\nmax_wait = '15s'\n", 2, "a fetch of a key set may take 15s"),
        ("[quota]\nlimits = 5\n", 2, "begins with [[quota.limits]]"),
        ("[[quota.limits]]\nname = 'a'\n", 2, "`quota.limits[0].quota` is missing"),
        ("[[quota.limits]]\nquota = 5\n", 2, "`quota.limits[0].name` is missing"),
        ("[[quota.limits]]\nname = 'two words'\nquota = 5\n", 2, "1 to 64 letters"),
        ("[[quota.limits]]\nname = 'a'\nquota = 0\n", 3, "between 1 and"),
        ("[[quota.limits]]\nname = 'a'\nquota = -5\n", 3, "whole number"),
        ("[[quota.limits]]\nname = 'a'\nquota = 5\nwindow = '1500ms'\n", 4, "whole seconds"),
        ("[[quota.limits]]\nname = 'a'\nquota = 5\nburst = 0\n", 4, "at least 1"),
        ("[[quota.limits]]\nname = 'a'\nquota = 5\nper = 'usr'\n", 4, "did you mean \"user\"?"),
        ("[[quota.limits]]\nname = 'a'\nquota = 5\nclass = 'writes'\n", 4, "did you mean \"write\"?"),
        ("[[quota.limits]]\nname = 'a'\nquota = 5\n[[quota.limits]]\nname = 'a'\nquota = 6\n", 5, "two limits of one"),
        ("[[quota.limits]]\nname = 'a'\nqouta = 5\nquota = 5\n", 3, "did you mean `quota`?"),
        ("plans = 5\n", 1, "begins with [plans.NAME]"),
        ("[plans]\nteam = 5\n", 2, "`plans.team` is a number, not a section"),
        ("[plans.'']\n", 1, "a plan's name"),
        ("[plans.team]\nlimit = []\n", 2, "did you mean `limits`?"),
        ("[leaked_keys]\npublic_keys_uri = 'http://example.com/keys'\n", 2, "https"),
        ("[admin]\nbootstrap_key = 'canary-less-than-32-characters'\n", 2, "at least 32"),
        ("[admin]\nbootstrap_key = { env = 'NOT_SET' }\n", 2, "NOT_SET is not set"),
        ("[admin]\nbootstrap_key = { file = 'gone' }\n", 2, "cannot be read"),
        ("[admin]\nbootstrap_key = { vault = 'x' }\n", 2, "a secret is"),
        ("[admin]\nbootstrap_key = '***'\n", 2, "the mask"),
        ("[admin]\nbootstrap_key = ''\n", 2, "empty"),
    ] {
        let told = problems(text, &[]);
        assert!(told.contains(&format!("gateway.toml:{line}: ")) && told.contains(expected), "{text}{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}

#[test]
fn a_trust_that_cannot_be_used_is_an_error_with_its_line() {
    for (text, line, expected) in [
        ("[[trust]]\naudience = ['api']\n", 2, "issuer` is missing"),
        ("[[trust]]\nissuer = 'https://a.example'\n", 2, "audience` is missing"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = []\n", 3, "audience"),
        ("[[trust]]\nissuer = 'http://127.0.0.1:8480'\naudience = ['api']\n", 2, "our own"),
        ("[[trust]]\nissuer = 'http://a.example'\naudience = ['api']\n", 2, "only https"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\njwks_uri = 'http://b'\n", 4, "only https"),
        (
            "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\njwks_uri = 'https://b'\njwks_file = 'c'\n",
            4,
            "two places",
        ),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nalgorithms = []\n", 4, "algorithms is empty"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nalgorithms = ['HS256']\n", 4, "did you mean"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nname = 'a|b'\n", 4, "cannot be its name"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nname = 'Client'\n", 4, "but not `client`"),
        (
            "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nname = 'Acme'\n\
             [[trust]]\nissuer = 'https://b.example'\naudience = ['api']\nname = 'acme'\n",
            8,
            "named `Acme`, and names are compared without case",
        ),
        (
            "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\ntenant = 'a'\ntenants = ['b']\n",
            4,
            "contradict",
        ),
        ("[[trust]]\nissuer = 'https://a.example/{tenantid}/'\naudience = ['api']\n", 2, "needs a list of tenants"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nid_tokens = ['api']\n", 4, "api"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nid_tokens = ['']\n", 4, "id_tokens"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nleeway = '1h'\n", 4, "at most 5m"),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nmax_lifetime = '0s'\n", 4, "zero"),
        (
            "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\njwks_refetch_after = '0s'\n",
            4,
            "between 1s and 5m",
        ),
        ("[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nenvironment = 'prod'\n", 4, "`live` or `test`"),
    ] {
        let told = problems(text, &[]);
        assert!(told.contains(&format!("gateway.toml:{line}: ")) && told.contains(expected), "{text}{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
    let twice = format!("{TRUST}{TRUST}");
    assert!(
        problems(&twice, &[])
            .ends_with("gateway.toml:5: `trust` in https://idp.example: the issuer is trusted already")
            || problems(&twice, &[]).contains(":5: ")
    );
    let namesakes = "[[trust]]\nname = 'a'\nissuer = 'https://a.example'\naudience = ['api']\n\
                     [[trust]]\nname = 'a'\nissuer = 'https://b.example'\naudience = ['api']\n";
    let told = problems(namesakes, &[]);
    assert!(told.contains("gateway.toml:6: ") && told.contains("another trust is named `a`"), "{told}");
}

#[test]
fn every_problem_is_told_at_once_in_the_order_of_the_file() {
    let told = problems("[cache]\ncapacity = 1\nmax_tll = '1s'\n[issuer]\nttl = 1\n", &[("REMINT__ADMIN__KEY", "x")]);
    let lines: Vec<_> = told.lines().map(|line| line.rsplit('/').next().unwrap().split(": ").next().unwrap()).collect();
    assert_eq!(lines, ["gateway.toml:2", "gateway.toml:3", "gateway.toml:5", "REMINT__ADMIN__KEY"]);
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    assert!(problems("[issuer]\nttl = \n", &[]).contains("gateway.toml:2: "));
    assert!(problems("[issuer]\nttl = '1s'\nttl = '2s'\n", &[]).contains("gateway.toml:3: "));
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let told = Settings::load(Some(Path::new("no such file.toml")), BTreeMap::new()).unwrap_err().to_string();
    assert!(told.starts_with("no such file.toml: it cannot be read"), "{told}");
}

#[test]
fn a_variable_wins_over_the_file() {
    let variables = [
        ("REMINT__LISTEN__HTTP", "127.0.0.1:1"),
        ("REMINT__LISTEN__TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
        ("REMINT__ISSUER__TTL", "1m"),
        ("REMINT__CREDENTIALS__BEARER", "false"),
        ("REMINT__CREDENTIALS__MAX_LENGTH", "4096"),
        ("REMINT__API_KEYS__STORE", "memory:"),
        ("REMINT__API_KEYS__SIGN_UP", "[\"test\"]"),
        ("REMINT__TRUST__0__ISSUER", "https://b.example"),
        ("REMINT__TRUST__0__CLAIMS__TENANT", "team"),
        ("REMINT__TRUST__1__ISSUER", "https://c.example"),
        ("REMINT__TRUST__1__AUDIENCE__0", "api"),
        ("REMINT__TRUST__1__AUDIENCE__1", "other"),
        ("REMINT_UNRELATED", "x"),
    ];
    let settings = settings(&format!("[listen]\nhttp = '127.0.0.1:2'\n{TRUST}"), &variables);
    assert_eq!(settings.listen.http, Some("127.0.0.1:1".parse().unwrap()));
    assert_eq!(settings.listen.trusted_proxies.len(), 2);
    let issuers: Vec<_> = settings.trusts.iter().map(|trust| trust.issuer.as_str()).collect();
    assert_eq!(issuers, ["https://b.example", "https://c.example"]);
    for line in [
        "ttl = \"1m\" # default: \"5m\"",
        "bearer = false # default: true",
        "max_length = 4096 # default: 8192",
        "sign_up = [\"test\"] # default: [\"live\", \"test\"]",
        "audience = [\"api\", \"other\"]",
        "tenant = \"team\"",
    ] {
        assert!(settings.shown.lines().any(|shown| shown == line), "{line}\n{}", settings.shown);
    }
}

#[test]
fn an_unknown_variable_is_an_error_with_a_suggestion() {
    for (variable, expected) in [
        ("REMINT__LISTEN__HTPP", "REMINT__LISTEN__HTPP: no such setting; did you mean REMINT__LISTEN__HTTP?"),
        ("REMINT__LISTN__HTTP", "REMINT__LISTN__HTTP: no such setting; did you mean REMINT__LISTEN__HTTP?"),
        ("REMINT__TRUST__0__ISUER", "did you mean REMINT__TRUST__0__ISSUER?"),
        ("REMINT__NOTHING_LIKE_IT", "REMINT__NOTHING_LIKE_IT: no such setting"),
        ("REMINT__", "REMINT__: a setting is named REMINT__SECTION__KEY"),
        ("REMINT__TRUST__2__ISSUER", "item 2 without an item 1"),
        ("REMINT__TRUST__NAME", "numbered items"),
        ("REMINT__LISTEN", "`listen` is a text, not a section"),
        ("REMINT__CREDENTIALS__BEARER", "not `true` or `false`"),
        ("REMINT__ISSUER__AUDIENCE", "begins like an array"),
    ] {
        let told = problems(TRUST, &[(variable, "[")]);
        assert!(told.contains(expected) && told.starts_with(variable), "{told}");
    }
}

#[test]
fn a_secret_comes_from_a_text_a_variable_or_a_file() {
    let cases: [(&str, &[(&str, &str)]); 7] = [
        ("bootstrap_key = 'canary-canary-canary-canary-canary-1'", &[]),
        ("bootstrap_key = { env = 'KEY' }", &[("KEY", SECRET)]),
        ("bootstrap_key = { file = 'secret' }", &[]),
        ("", &[("REMINT__ADMIN__BOOTSTRAP_KEY", SECRET)]),
        ("", &[("REMINT__ADMIN__BOOTSTRAP_KEY__FILE", "secret")]),
        ("bootstrap_key = 'another'", &[("REMINT__ADMIN__BOOTSTRAP_KEY__ENV", "KEY"), ("KEY", SECRET)]),
        ("bootstrap_key = { env = 'GONE' }", &[("REMINT__ADMIN__BOOTSTRAP_KEY__FILE", "secret")]),
    ];
    for (line, variables) in cases {
        let text = format!("[admin]\n{line}\n");
        assert_eq!(bootstrap_key(&text, variables).expose_secret(), SECRET, "{line}");
        let settings = settings(&text, variables);
        assert!(settings.bootstrap.is_some() && !format!("{settings:?}").contains("canary"), "{settings:?}");
    }
    let both = [("REMINT__ADMIN__BOOTSTRAP_KEY", SECRET), ("REMINT__ADMIN__BOOTSTRAP_KEY__FILE", "secret")];
    let told = problems("", &both);
    assert!(told.contains("which one is meant?") && !told.contains("canary"), "{told}");
}

/// The text itself, which the settings do not keep.
fn bootstrap_key(text: &str, variables: &[(&str, &str)]) -> secret::Secret {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("secret"), format!("{SECRET}\n"));
    let variables = variables.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    let mut tree = node::parse(text).unwrap();
    environment::overlay(&mut tree, &variables);
    let world = World::new(folder.path().to_owned(), variables);
    let mut book = Book { world: &world, problems: Vec::new(), shown: Shown::default() };
    Section::root(tree, &mut book).section("admin").optional("bootstrap_key", "").unwrap().value
}

#[test]
fn the_bootstrap_key_is_taken_over_http_unless_that_is_turned_off() {
    let on_http =
        |more: &str| settings(&format!("[admin]\nbootstrap_key = '{SECRET}'\n{more}"), &[]).bootstrap.unwrap().on_http;
    assert!(on_http("") && !on_http("bootstrap_on_http = false\n"));
}

#[test]
fn a_list_of_secrets_is_not_cut_at_commas() {
    let told = problems("", &[("REMINT__API_KEYS__PEPPERS", "canary-canary,canary-canary")]);
    assert!(told.contains("variables of their own") && !told.contains("canary"), "{told}");
    let peppers = [("REMINT__API_KEYS__PEPPERS__0", SECRET), ("REMINT__API_KEYS__PEPPERS__1__FILE", "secret")];
    assert!(settings("", &peppers).api_keys.peppers.is_some());
}

#[test]
fn a_secret_is_printed_masked_and_a_password_too() {
    let text = "[api_keys]\nstore = 'postgres://app:canary@db.example/remint'\npeppers = ['canary-canary-canary']\n\
                [admin]\nbootstrap_key = 'canary-canary-canary-canary-canary-1'\n";
    let settings = settings(text, &[]);
    assert!(settings.shown.contains("bootstrap_key = \"***\"") && settings.shown.contains("peppers = [\"***\"]"));
    assert!(settings.shown.contains("store = \"postgres://app:***@db.example/remint\""), "{}", settings.shown);
    assert!(!settings.shown.contains("canary") && !format!("{settings:?}").contains("canary"), "{settings:?}");
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
fn every_setting_of_a_trust_reaches_it() {
    let (folder, settings) = load(
        "[[trust]]\nname = 'acme'\nissuer = 'https://idp.example'\naudience = ['api', 'other']\n\
         jwks_file = 'keys.json'\nalgorithms = ['PS256']\nclients = ['web']\nid_tokens = ['app']\ntenants = ['t1', 't2']\n\
         allow_scopes = ['orders:read']\nallow_roles = ['buyer']\nallow_groups = ['*']\nenvironment = 'test'\n\
         leeway = '10s'\nmax_lifetime = '1h'\njwks_refetch_after = '30s'\n\
         [trust.claims]\nsubject = 'uid'\ntenant = 'team'\nscopes = ['perms']\nroles = 'groups'\ngroups = 'teams'\n",
        &[],
    );
    let expected = Trust::oidc("https://idp.example", "api")
        .audience("other")
        .named("acme")
        .jwks_file(folder.path().join("keys.json"))
        .algorithms([Algorithm::Ps256])
        .clients(["web"])
        .id_tokens(["app"])
        .tenants(["t1", "t2"])
        .allow_scopes(["orders:read"])
        .allow_roles(["buyer"])
        .allow_groups(["*"])
        .environment(Environment::Test)
        .leeway(Duration::from_secs(10))
        .max_lifetime(Duration::from_secs(3600))
        .jwks_refetch_after(Duration::from_secs(30))
        .subject_claim("uid")
        .tenant_claim("team")
        .scope_claims(["perms"])
        .roles_claim("groups")
        .groups_claim("teams");
    assert_eq!(format!("{:?}", settings.unwrap().trusts[0].trust), format!("{expected:?}"));

    let text = "[[trust]]\nissuer = 'https://idp.example'\naudience = ['api']\njwks_uri = 'https://keys.example'\n\
                tenant = 't1'\n";
    let expected = Trust::oidc("https://idp.example", "api").jwks_uri("https://keys.example").tenant("t1");
    assert_eq!(format!("{:?}", self::settings(text, &[]).trusts[0].trust), format!("{expected:?}"));
    let expected = Trust::oidc("https://idp.example", "api");
    assert_eq!(format!("{:?}", self::settings(TRUST, &[]).trusts[0].trust), format!("{expected:?}"));
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
fn where_roles_or_groups_are_without_which_of_them_pass_is_a_warning() {
    let text = |lists: &str| format!("{TRUST}{lists}[trust.claims]\nroles = 'r'\ngroups = 'g'\n");
    let (_folder, warned) = load(&text(""), &[]);
    let warnings = warned.unwrap().warnings.lines();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    for (warning, line, names) in
        [(&warnings[0], 5, ["claims.roles", "allow_roles"]), (&warnings[1], 6, ["claims.groups", "allow_groups"])]
    {
        assert!(warning.contains(&format!("gateway.toml:{line}: `trust` in https://idp.example: ")), "{warning}");
        assert!(names.iter().all(|name| warning.contains(&format!("`{name}`"))), "{warning}");
    }
    for lists in ["allow_roles = ['a']\nallow_groups = ['*']\n", "allow_roles = []\nallow_groups = []\n"] {
        assert!(settings(&text(lists), &[]).warnings.lines().is_empty(), "{lists}");
    }
    assert!(settings(TRUST, &[]).warnings.lines().is_empty());
    let variables = [("REMINT__TRUST__0__CLAIMS__ROLES", "r")];
    assert!(settings(TRUST, &variables).warnings.to_string().starts_with("REMINT__TRUST__0__CLAIMS__ROLES: "));
}

#[test]
fn every_setting_of_credentials_reaches_the_rules() {
    let text = "[credentials]\nbearer = false\napi_key_schemes = ['Key']\napi_key_headers = ['X-Key']\ncookie = 'session'\n\
                origin = 'https://app.example'\nmax_length = 4096\nstrip_headers = ['X-Who', 'X-Is-*']\n";
    let expected = CredentialRules::default()
        .with_bearer(false)
        .with_api_key_schemes(["Key"])
        .with_api_key_headers([http::HeaderName::from_static("x-key")])
        .with_cookie("session")
        .with_origin("https://app.example")
        .with_max_length(4096)
        .with_strip_headers(["x-who", "x-is-*"].map(http::HeaderName::from_static));
    assert_eq!(format!("{:?}", settings(text, &[]).credentials), format!("{expected:?}"));
    assert_eq!(format!("{:?}", settings("", &[]).credentials), format!("{:?}", CredentialRules::default()));
    let with_cookie = "[credentials]\ncookie = 'session'\n[listen]\npublic_url = 'https://api.example/v1'\n";
    let expected = CredentialRules::default().with_cookie("session").with_origin("https://api.example/v1");
    assert_eq!(format!("{:?}", settings(with_cookie, &[]).credentials), format!("{expected:?}"));
}

#[test]
fn every_setting_of_a_limit_reaches_it_and_variables_win() {
    let text = "[[quota.limits]]\nname = 'user'\nquota = 60\n[plans.team]\nlimits = [{ name = 'all', quota = 5, \
                window = '1h', burst = 2, per = 'tenant', class = 'write' }]\n";
    let variables = [
        ("REMINT__QUOTA__LIMITS__0__WINDOW", "1s"),
        ("REMINT__QUOTA__LIMITS__1__NAME", "key"),
        ("REMINT__QUOTA__LIMITS__1__QUOTA", "7"),
        ("REMINT__QUOTA__LIMITS__1__PER", "key"),
    ];
    let user = Limit::new("user", 60, Duration::from_secs(1)).unwrap();
    let key = Limit::new("key", 7, Duration::from_secs(60)).unwrap().per(Per::Key);
    let all = Limit::new("all", 5, Duration::from_secs(3600)).unwrap().with_burst(2).unwrap();
    let team = Plan::new([all.per(Per::Tenant).with_class("write")]).unwrap();
    let expected = Plans::new(Plan::new([user, key]).unwrap()).with_plan("team".parse().unwrap(), team);
    let settings = settings(text, &variables);
    assert_eq!(format!("{:?}", settings.quota), format!("{:?}", Some(expected)));

    let told = problems("", &[("REMINT__PLANS__TEAM__LIMITS__0__QOUTA", "1")]);
    let meant =
        "REMINT__PLANS__TEAM__LIMITS__0__QOUTA: no such setting; did you mean REMINT__PLANS__TEAM__LIMITS__0__QUOTA?";
    assert!(told.contains(meant), "{told}");
}

#[test]
fn nobody_is_limited_unless_that_is_asked_for() {
    for text in ["", "[quota]\n", "[plans.team]\n", "[quota]\nlimits = []\n[plans.team]\nlimits = []\n"] {
        assert!(settings(text, &[]).quota.is_none(), "{text}");
    }
}

#[test]
fn a_plan_has_at_most_eight_limits() {
    let limit = |number| format!("[[quota.limits]]\nname = 'l{number}'\nquota = 5\n");
    let nine: String = (0..9).map(limit).collect();
    let told = problems(&nine, &[]);
    assert!(told.ends_with("gateway.toml:26: `limits`: a plan has at most 8 limits"), "{told}");
}
