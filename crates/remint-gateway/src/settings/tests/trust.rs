use ::http::HeaderMap;
use ::http::header::AUTHORIZATION;
use remint::RotatingHeaders;

use super::*;

#[test]
fn several_trusts_in_one_issuer_differ_in_audience_or_client() {
    let one = |more: &str| format!("[[trust]]\nissuer = 'https://a.example'\n{more}\n");
    let first = one("name = 'a'\naudience = ['a', 'b']\nclients = ['web']");
    for second in [
        "name = 'c'\naudience = ['c']",
        "name = 'c'\naudience = ['a']",
        "name = 'c'\naudience = ['a']\nclients = ['app']",
    ] {
        assert_eq!(settings(&format!("{first}{}", one(second)), &[]).trusts.len(), 2, "{second}");
    }
    for (second, line, expected) in [
        ("name = 'c'\naudience = ['b']\nclients = ['web']", 8, "by a trust that leaves this one no token"),
        ("audience = ['c']\nname = 'A'", 10, "another trust is named `a`"),
        ("name = 'c'\naudience = ['c']\nid_tokens = ['a']", 11, "`a` is an audience of its issuer's access tokens"),
        (
            "name = 'c'\naudience = ['c']\njust_in_time = true",
            11,
            "`just_in_time` is the same in all trusts in one issuer",
        ),
    ] {
        let told = problems(&format!("{first}\n{}", one(second)), &[]);
        assert!(told.contains(&format!("gateway.toml:{line}: `trust` in https://a.example: ")), "{told}");
        assert!(told.contains(expected) && told.lines().count() == 1, "{told}");
    }
}

#[test]
fn a_header_for_the_key_set_that_is_in_a_file_is_read_again() {
    let text = "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\n\
                jwks_headers = { Authorization = { file = 'secret' }, X-Other = 'canary' }\n";
    let (folder, settings) = load(text, &[]);
    let fixed = HeaderMap::from_iter([("x-other".parse().unwrap(), "canary".parse().unwrap())]);
    let headers = RotatingHeaders::with_files(fixed, [(AUTHORIZATION, folder.path().join("secret"))]).unwrap();
    let expected = Trust::oidc("https://a.example", "api").jwks_headers(headers);
    let settings = settings.unwrap();
    assert_eq!(format!("{:?}", settings.trusts[0].trust), format!("{expected:?}"));
    assert!(!format!("{settings:?}{}", settings.shown).contains("canary"), "{settings:?}");
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
        (
            "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nwithout_audience = true\n",
            4,
            "`without_audience` needs `clients`",
        ),
        (
            "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\naccess_tokens = 'x'\n",
            4,
            "`strict` nor `lenient`",
        ),
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
fn every_setting_of_a_trust_reaches_it() {
    let (folder, settings) = load(
        "[[trust]]\nname = 'acme'\nissuer = 'https://idp.example'\naudience = ['api', 'other']\n\
         jwks_file = 'keys.json'\nalgorithms = ['PS256']\nclients = ['web']\nid_tokens = ['app']\ntenants = ['t1', 't2']\n\
         allow_scopes = ['orders:read']\nallow_roles = ['buyer']\nallow_groups = ['*']\nrole_prefixes = ['app-']\n\
         environment = 'test'\nleeway = '10s'\naccess_tokens = 'lenient'\nwithout_audience = true\nrequire_iat = true\n\
         max_lifetime = '1h'\njwks_refetch_after = '30s'\n\
         [trust.claims]\nsubject = 'uid'\ntenant = 'team'\nscopes = ['perms']\nclient = ['app']\nroles = 'groups'\ngroups = 'teams'\n",
        &[],
    );
    let expected = Trust::oidc("https://idp.example", "api")
        .audience("other")
        .named("acme")
        .jwks_file(folder.path().join("keys.json"))
        .algorithms([Algorithm::Ps256])
        .clients(["web"])
        .id_tokens(["app"])
        .lenient_access_tokens()
        .without_audience()
        .require_issued_at()
        .client_claims(["app"])
        .tenants(["t1", "t2"])
        .allow_scopes(["orders:read"])
        .allow_roles(["buyer"])
        .allow_groups(["*"])
        .role_prefixes(["app-"])
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
fn mapped_claims_a_required_tenant_and_headers_for_the_key_set_reach_the_trust() {
    let text = "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\ntenants = ['acme']\n\
                require_tenant = true\nissuer_aliases = ['a.example']\n\
                jwks_headers = { Authorization = { env = 'KEY' } }\n\
                [trust.claims.ext]\nplan = 'https://a.example/plan'\n\"a b\" = 'x.y'\n";
    let settings = settings(text, &[("KEY", "Bearer canary")]);
    let expected = Trust::oidc("https://a.example", "api")
        .tenants(["acme"])
        .require_tenant(true)
        .issuer_aliases(["a.example"])
        .jwks_headers(HeaderMap::from_iter([(AUTHORIZATION, "Bearer canary".parse().unwrap())]))
        .map_claim("\"a b\"".trim_matches('"'), "x.y")
        .map_claim("plan", "https://a.example/plan");
    assert_eq!(format!("{:?}", settings.trusts[0].trust), format!("{expected:?}"));
    assert!(
        settings.shown.contains("[trust.claims.ext]\n") && settings.shown.contains("plan = "),
        "{}",
        settings.shown
    );
    assert!(settings.shown.contains("jwks_headers = { authorization = { env = \"KEY\" } }"), "{}", settings.shown);
    assert!(!settings.shown.contains("canary") && !format!("{settings:?}").contains("canary"), "{settings:?}");
    let trust = "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\n";
    for (line, expected) in [
        ("require_tenant = true\n", "4: `trust` in https://a.example: its tokens must name a tenant"),
        ("jwks_headers = { Authorization = { env = 'GONE' } }\n", "authorization: GONE is not set"),
        ("jwks_headers = { 'a b' = 'x' }\n", "invalid HTTP header name"),
        ("jwks_headers = 'x'\n", "it is a table"),
        ("jwks_headers = { a = '\u{e9}' }\n", "is ASCII"),
        (
            "jwks_file = 'keys.json'\njwks_headers = { a = 'x' }\n",
            "4: `trust`: `jwks_headers` are for a key set that is fetched",
        ),
        ("[trust.claims.ext]\nsub = 'x'\n", "sub"),
        ("[trust.claims.ext]\nplan = 5\n", "`trust[0].claims.ext.plan`: it is"),
    ] {
        let told = problems(&format!("{trust}{line}"), &[]);
        assert!(told.contains(expected), "{line}: {told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn what_is_empty_is_named() {
    for text in [
        "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nname = ''\n",
        "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\njwks_uri = ''\n",
        "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\nclients = ['']\n",
        "[[trust]]\nissuer = 'https://a.example'\naudience = ['api']\ntenants = ['']\n",
        "[[trust]]\nissuer = 'https://a.example'\naudience = []\n",
        "[api_keys]\npeppers = [{ env = '' }]\n",
        "[api_keys]\npeppers = [{ file = '' }]\n",
        "[[clients]]\nid = 'x'\njwks = ''\nmay = ['exchange']\n",
    ] {
        let told = problems(text, &[]);
        let is_said = ["\"\"", "is empty", "names nothing"].iter().any(|said| told.contains(said));
        assert!(is_said && !told.contains("``") && !told.contains(":  "), "{text}{told}");
    }
}
