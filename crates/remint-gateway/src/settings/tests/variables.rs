use super::*;

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
