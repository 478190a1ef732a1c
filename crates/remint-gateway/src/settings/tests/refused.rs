use super::*;

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
        ("[issuer]\nmax_length = 1023\n", 2, "between 1024 and 49152"),
        ("[issuer]\nmax_length = 49153\n", 2, "between 1024 and 49152"),
        ("[issuer]\nmax_length = '16KiB'\n", 2, "not a number"),
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
        ("[revocation]\nlog = 'redis://127.0.0.1:6379'\n", 2, "it is one of \"store\", \"process\""),
        (
            "[revocation]\nlog = 'https://a.example/v1/revocations'\n",
            2,
            "the client of `[exchange]` reads a server's log",
        ),
        ("[revocation]\nlog = 'proces'\n", 2, "did you mean \"process\"?"),
        ("[revocation]\nmax_staleness = '500ms'\n", 2, "between 1s and 1h"),
        ("[revocation]\nmax_staleness = '2h'\n", 2, "between 1s and 1h"),
        ("[revocation]\nmax_staleness = 30\n", 2, "a duration is a text"),
        ("[revocation]\nlog = 'process'\nmax_staleness = '10s'\n", 3, "means nothing with"),
        ("[revocation]\nmax_stalenes = '10s'\n", 2, "did you mean `max_staleness`?"),
        ("[revocation]\nlog = true\n", 2, "not a text"),
        ("[revocation]\nlgo = 'store'\n", 2, "did you mean `log`?"),
        ("[revocations]\nlog = 'store'\n", 1, "did you mean `revocation`?"),
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
        ("[api_keys]\npool_size = 0\n", 2, "1 to 1000"),
        ("[api_keys]\npool_size = 1001\n", 2, "1 to 1000"),
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
