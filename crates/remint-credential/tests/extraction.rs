//! Each refusal of extraction, and what is stripped.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::net::IpAddr;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use remint_core::{ClientAddr, ClientCertificate, CredentialForm, DeniedKind, Slot};
use remint_credential::{CredentialRules, Extractor, InvalidRules, RequestHead};

const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl";
const KEY: &str = "rmt_live_0123456789abcdef";

fn headers(lines: &[(&str, &[u8])]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value).unwrap());
    }
    map
}

fn outcome(lines: &[(&str, &[u8])]) -> Result<Option<(Slot, CredentialForm, String)>, DeniedKind> {
    with(&Extractor::default(), Method::GET, lines)
}

fn with(
    extractor: &Extractor,
    method: Method,
    lines: &[(&str, &[u8])],
) -> Result<Option<(Slot, CredentialForm, String)>, DeniedKind> {
    let headers = headers(lines);
    let uri = Uri::from_static("/?access_token=e30.e30.e30");
    extractor
        .credential(RequestHead::new(&method, "/", &headers).with_uri(&uri))
        .map(|found| found.map(|c| (c.slot(), c.form(), c.expose_secret().to_owned())))
        .map_err(|denied| denied.kind())
}

#[test]
fn each_source_yields_its_slot_and_form() {
    let bearer = format!("Bearer {JWT}");
    let cases: &[(&str, &str, Slot, CredentialForm)] = &[
        ("authorization", &bearer, Slot::Bearer, CredentialForm::Jwt),
        ("authorization", "bearer rmt_live_x", Slot::Bearer, CredentialForm::ApiKey),
        ("authorization", "BEARER   e30.e30.e30", Slot::Bearer, CredentialForm::Jwt),
        ("authorization", "Token rmt_live_x", Slot::ApiKeyScheme, CredentialForm::ApiKey),
        ("authorization", "api-KEY rmt_live_x", Slot::ApiKeyScheme, CredentialForm::ApiKey),
        ("x-api-key", "rmt_live_x", Slot::ApiKeyHeader, CredentialForm::ApiKey),
        ("x-api-key", "prefix.secret", Slot::ApiKeyHeader, CredentialForm::ApiKey),
    ];
    for (name, value, slot, form) in cases {
        let found = outcome(&[(name, value.as_bytes())]).unwrap().unwrap();
        assert_eq!((found.0, found.1), (*slot, *form), "{name}: {value}");
        assert!(value.ends_with(&found.2));
    }
}

/// A key of djangorestframework-api-key is `prefix.secret`; others are as long as 256 characters.
#[test]
fn keys_of_other_systems_get_through_in_every_slot() {
    let dotted = "xTQ0Qz5W.aWKFyqtEFSVq6pCYKLwiqVc7lwFAmSTh".to_owned();
    let keys = [dotted, format!("{}.{}", "p".repeat(8), "s".repeat(247)), "k".repeat(256), "a+/b~c-d_e=".to_owned()];
    for key in keys {
        for scheme in ["Bearer", "Token", "Api-Key", "api-key"] {
            let found = outcome(&[("authorization", format!("{scheme} {key}").as_bytes())]).unwrap().unwrap();
            assert_eq!((found.1, found.2.as_str()), (CredentialForm::ApiKey, key.as_str()), "{scheme}");
        }
        let found = outcome(&[("x-api-key", key.as_bytes())]).unwrap().unwrap();
        assert_eq!((found.1, found.2.as_str()), (CredentialForm::ApiKey, key.as_str()));
    }
}

#[test]
fn the_client_is_who_the_extension_says_and_never_who_a_header_says() {
    let stated: IpAddr = "192.0.2.1".parse().unwrap();
    let mut request = Request::get("/").header("x-forwarded-for", "203.0.113.9").body(()).unwrap();
    assert_eq!(RequestHead::from(&request).client, None);
    request.extensions_mut().insert(ClientAddr(stated));
    assert_eq!(RequestHead::from(&request).client, Some(stated));
}

#[test]
fn no_credential_is_none_and_the_query_is_never_read() {
    assert_eq!(outcome(&[("accept", b"*/*")]), Ok(None));
}

#[test]
fn two_credentials_are_refused_however_they_are_written() {
    let cases: &[&[(&str, &[u8])]] = &[
        &[("authorization", b"Bearer e30.e30.e30"), ("x-api-key", b"rmt_live_x")],
        &[("authorization", b"Bearer e30.e30.e30"), ("authorization", b"Bearer e30.e30.e30")],
        &[("x-api-key", b"rmt_live_x"), ("x-api-key", b"rmt_live_x")],
        &[("authorization", b"Bearer e30.e30.e30,Bearer e30.e30.e30")],
        &[("authorization", b"Bearer e30.e30.e30, e30.e30.e30")],
        &[("x-api-key", b"rmt_live_x, rmt_live_y")],
        &[("authorization", b"Bearer,Token x")],
        &[("authorization", b"Basic dTpw"), ("x-api-key", b"rmt_live_x")],
        &[("authorization", b"Basic dTpw"), ("authorization", b"Bearer e30.e30.e30")],
        &[("authorization", b"Basic dTpw"), ("authorization", b"Digest x")],
    ];
    for case in cases {
        assert_eq!(outcome(case), Err(DeniedKind::TwoCredentials), "{case:?}");
    }
}

#[test]
fn look_alikes_of_api_key_headers_are_refused() {
    for name in ["x_api_key", "x-api_key", "x_api-key", "X_API_KEY"] {
        assert_eq!(outcome(&[(name, b"rmt_live_x")]), Err(DeniedKind::LookAlikeHeader), "{name}");
        let both: &[(&str, &[u8])] = &[("authorization", b"Bearer e30.e30.e30"), (name, b"y")];
        assert_eq!(outcome(both), Err(DeniedKind::LookAlikeHeader), "{name}");
    }
}

#[test]
fn broken_header_syntax_is_refused() {
    for value in [&b"Bearer"[..], b"Bearer ", b"", b" ", b"Bearer a b", b"Token a\tb", b"Bearer \"e30.e30.e30\""] {
        assert_eq!(outcome(&[("authorization", value)]), Err(DeniedKind::MalformedHeader), "{value:?}");
    }
    assert_eq!(outcome(&[("x-api-key", b"")]), Err(DeniedKind::MalformedHeader));
    assert_eq!(outcome(&[("x-api-key", b"a b")]), Err(DeniedKind::MalformedHeader));
}

#[test]
fn bytes_beyond_ascii_are_refused() {
    assert_eq!(outcome(&[("authorization", b"Bearer e30.e30.\xc3\xa9")]), Err(DeniedKind::NotAscii));
    assert_eq!(outcome(&[("authorization", b"B\xc3\xa9arer e30.e30.e30")]), Err(DeniedKind::NotAscii));
    assert_eq!(outcome(&[("x-api-key", b"\xff")]), Err(DeniedKind::NotAscii));
}

#[test]
fn an_unknown_scheme_is_refused_and_named_so() {
    for value in [&b"Basic dTpw"[..], b"Digest x", b"Bearerer x", b"Bear er", JWT.as_bytes()] {
        assert_eq!(outcome(&[("authorization", value)]), Err(DeniedKind::UnknownScheme), "{value:?}");
    }
    let no_bearer = Extractor::new(CredentialRules::default().with_bearer(false)).unwrap();
    let lines: &[(&str, &[u8])] = &[("authorization", b"Bearer e30.e30.e30")];
    assert_eq!(with(&no_bearer, Method::GET, lines), Err(DeniedKind::UnknownScheme));
}

#[test]
fn dots_that_fit_nothing_are_refused() {
    for value in ["Bearer a.b.c.d", "Bearer a.b.c.d.e", "Token e30.e30.e30", "Api-Key e30.e30.e30"] {
        assert_eq!(outcome(&[("authorization", value.as_bytes())]), Err(DeniedKind::Structure), "{value}");
    }
    assert_eq!(outcome(&[("x-api-key", JWT.as_bytes())]), Err(DeniedKind::Structure));
}

#[test]
fn the_length_limit_is_8_kib_unless_set() {
    let value = |length: usize| format!("Token {}", "a".repeat(length)).into_bytes();
    assert!(outcome(&[("authorization", &value(8192))]).is_ok());
    assert_eq!(outcome(&[("authorization", &value(8193))]), Err(DeniedKind::TooLong));
    assert_eq!(outcome(&[("x-api-key", "a".repeat(8193).as_bytes())]), Err(DeniedKind::TooLong));
    let short = Extractor::new(CredentialRules::default().with_max_length(10)).unwrap();
    assert_eq!(with(&short, Method::GET, &[("authorization", &value(11))]), Err(DeniedKind::TooLong));
}

#[test]
fn a_cookie_counts_only_where_configured() {
    let line: &[(&str, &[u8])] = &[("cookie", b"a=b; session=e30.e30.e30; c=d")];
    assert_eq!(outcome(line), Ok(None));
    let extractor = cookie();
    let found = with(&extractor, Method::GET, line).unwrap().unwrap();
    assert_eq!(found, (Slot::Cookie, CredentialForm::Jwt, "e30.e30.e30".to_owned()));
    for bad in ["session=rmt_live_x", "session=a.b.c.d"] {
        assert_eq!(with(&extractor, Method::GET, &[("cookie", bad.as_bytes())]), Err(DeniedKind::Structure));
    }
}

#[test]
fn a_session_is_whatever_a_cookie_may_hold() {
    let rules = CredentialRules::default().with_session_cookie("sid").with_cookie("session");
    let extractor = Extractor::new(rules).unwrap();
    let found = |cookie: &str| with(&extractor, Method::GET, &[("cookie", cookie.as_bytes())]);
    for text in ["s%3Aabc.def", "a.b.c", "rmt_live_x", "e30.e30.e30", "!#$&'()*+-./:<=>?@[]^_`{|}~", "1"] {
        let session = (Slot::SessionCookie, CredentialForm::Session, text.to_owned());
        assert_eq!(found(&format!("a=b; sid={text}; c=d")), Ok(Some(session)), "{text}");
    }
    assert_eq!(found("session=e30.e30.e30").unwrap().unwrap().0, Slot::Cookie);
    for odd in ["", "\"a\"", "a,b", "a\\b", "a b", "a\tb"] {
        assert_eq!(found(&format!("sid={odd}")), Err(DeniedKind::MalformedHeader), "{odd:?}");
    }
    assert_eq!(found("sid=é"), Err(DeniedKind::NotAscii));
    for two in ["sid=a; sid=a", "sid=a; session=e30.e30.e30"] {
        assert_eq!(found(two), Err(DeniedKind::TwoCredentials), "{two}");
    }
    let map = headers(&[("cookie", b"a=b; sid=x; c=d"), ("cookie", b"e=f")]);
    assert_eq!(stripped(&extractor, map), ["cookie: a=b; c=d", "cookie: e=f"]);
}

#[test]
fn a_cookie_beside_another_credential_or_itself_is_two() {
    let extractor = cookie();
    for lines in [
        &[("cookie", &b"session=e30.e30.e30"[..]), ("x-api-key", &b"rmt_live_x"[..])][..],
        &[("cookie", b"session=e30.e30.e30; session=e30.e30.e31")],
        &[("cookie", b"session=e30.e30.e30"), ("cookie", b"session=e30.e30.e30")],
    ] {
        assert_eq!(with(&extractor, Method::GET, lines), Err(DeniedKind::TwoCredentials), "{lines:?}");
    }
}

#[test]
fn a_cookie_on_an_unsafe_method_must_come_from_the_same_origin() {
    let (without, ours) = (cookie(), with_origin("https://app.example"));
    let session: (&str, &[u8]) = ("cookie", b"session=e30.e30.e30");
    let host: (&str, &[u8]) = ("host", b"app.example");
    let site = |site: &'static str| ("sec-fetch-site", site.as_bytes());
    let origin = |origin: &'static str| ("origin", origin.as_bytes());
    // Lines, and whether they count where our origin is not known, and where it is.
    type Case<'c> = (&'c [(&'c str, &'c [u8])], bool, bool);
    let cases: &[Case<'_>] = &[
        (&[session, site("same-origin")], true, true),
        (&[session, site("same-origin"), origin("https://app.example")], true, true),
        (&[session, site("same-origin"), origin("http://app.example")], true, false),
        (&[session, host, origin("https://app.example")], false, true),
        (&[session, origin("https://APP.example:443")], false, true),
        (&[session, host, origin("http://app.example")], false, false),
        (&[session, host, origin("https://app.example:8443")], false, false),
        (&[session, ("host", b"evil.example"), origin("https://evil.example")], false, false),
        (&[session], false, false),
        (&[session, host], false, false),
        (&[session, host, origin("null")], false, false),
        (&[session, host, origin("https://app.example"), origin("https://app.example")], false, false),
        (&[session, host, site("cross-site"), origin("https://app.example")], false, false),
        (&[session, site("same-site")], false, false),
        (&[session, site("none")], false, false),
        (&[session, site("same-origin"), site("same-origin")], false, false),
    ];
    let upgrade: (&str, &[u8]) = ("upgrade", b"websocket");
    for (lines, counts_without, counts_with) in cases {
        for (extractor, counts) in [(&without, *counts_without), (&ours, *counts_with)] {
            let verdict = |method, lines: &[(&str, &[u8])]| match with(extractor, method, lines) {
                Ok(found) => found.is_some(),
                Err(kind) => {
                    assert_eq!(kind, DeniedKind::CrossOrigin, "{lines:?}");
                    false
                }
            };
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                assert_eq!(verdict(method, lines), counts, "{lines:?}");
            }
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                assert!(verdict(method, lines), "{lines:?}");
            }
            assert_eq!(verdict(Method::GET, &[*lines, &[upgrade]].concat()), counts, "a WebSocket, {lines:?}");
        }
    }
}

#[test]
fn the_credential_headers_and_every_copy_of_an_identity_header_are_stripped() {
    let extractor = cookie();
    let map = headers(&[
        ("x-api-key", KEY.as_bytes()),
        ("x-user-id", b"admin"),
        ("x-user-id", b"root"),
        ("x_user_id", b"admin"),
        ("x-tenant_id", b"t"),
        ("x-remint-subject", b"root"),
        ("x_remint_env", b"live"),
        ("txn-token", b"a.b.c"),
        ("txn_token", b"a.b.c"),
        ("cookie", b"a=b; c=d"),
        ("accept", b"*/*"),
    ]);
    assert_eq!(stripped(&extractor, map), ["accept: */*", "cookie: a=b; c=d"]);
}

#[test]
fn what_we_set_ourselves_is_stripped_whatever_the_list_says() {
    let extractor = Extractor::new(CredentialRules::default().with_strip_headers([])).unwrap();
    let map =
        headers(&[("x-remint-env", b"live"), ("txn-token", b"a.b.c"), ("txn_token", b"a.b.c"), ("x-user-id", b"u")]);
    assert_eq!(stripped(&extractor, map), ["x-user-id: u"]);
}

#[test]
fn every_header_that_names_an_identity_or_holds_a_credential_of_the_infrastructure_is_stripped_by_default() {
    let names = [
        "Proxy-Authorization",
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Forwarded-Groups",
        "X-Forwarded-Preferred-Username",
        "X-Auth-Request-User",
        "X-Auth-Request-Access-Token",
        "X-Auth-Request-",
        "Remote-User",
        "X-User-Id",
        "X-Tenant-Id",
        "X-Remint-Subject",
        "X-Remint-Anything",
        "X-Remint-",
        "Workload-Identity-Token",
        "Workload-Proof-Token",
        "Txn-Token",
    ];
    for name in names {
        let first_dash = name.replacen('-', "_", 1);
        for spelling in [name.to_owned(), name.to_uppercase(), name.replace('-', "_"), first_dash] {
            let map = headers(&[(&spelling, b"root"), (&spelling, b"admin"), ("accept", b"*/*")]);
            assert_eq!(stripped(&Extractor::default(), map), ["accept: */*"], "{spelling}");
        }
    }
    let others = ["x-forwarded-for", "x-forwarded-users", "x-auth-requests", "x-remintx", "remote-users", "x-remin"];
    for name in others {
        assert_eq!(stripped(&Extractor::default(), headers(&[(name, b"a")])), [format!("{name}: a")]);
    }
}

#[test]
fn a_star_at_the_end_of_a_stripped_name_stands_for_all_that_begin_so() {
    let name = |text: &'static str| HeaderName::from_static(text);
    let rules = CredentialRules::default().with_api_key_headers([name("x-who-key")]).with_strip_headers([
        name("x-who-*"),
        name("abc*"),
        name("x-one"),
    ]);
    let extractor = Extractor::new(rules).unwrap();
    let map = headers(&[
        ("x-who-key", b"rmt_live_x"),
        ("x-who-is", b"a"),
        ("x_who_is", b"a"),
        ("abc", b"a"),
        ("abcd", b"a"),
        ("x_one", b"a"),
        ("x-remint-env", b"live"),
        ("x-ones", b"a"),
        ("ab", b"a"),
        ("remote-user", b"a"),
    ]);
    assert_eq!(stripped(&extractor, map), ["ab: a", "remote-user: a", "x-ones: a"]);
    let key: &[(&str, &[u8])] = &[("x-who-key", b"rmt_live_x")];
    assert_eq!(with(&extractor, Method::GET, key).unwrap().unwrap().0, Slot::ApiKeyHeader, "an exact name comes first");
    let alike: &[(&str, &[u8])] = &[("x_who_key", b"rmt_live_x")];
    assert_eq!(with(&extractor, Method::GET, alike), Err(DeniedKind::LookAlikeHeader));
    let map = headers(&[("connection", b"x-who-is, x_who_at, x-trace")]);
    assert_eq!(stripped(&extractor, map), ["connection: x-trace"]);
}

#[test]
fn the_cookie_is_cut_out_of_what_goes_on() {
    let map = headers(&[("cookie", b"a=b; session=e30.e30.e30; c=d"), ("cookie", b"e=f")]);
    assert_eq!(stripped(&cookie(), map), ["cookie: a=b; c=d", "cookie: e=f"]);
    assert!(stripped(&cookie(), headers(&[("cookie", b"session=e30.e30.e30")])).is_empty());
}

#[test]
fn connection_cannot_name_the_headers_we_set_or_strip() {
    let map = headers(&[
        ("connection", b"close, Authorization, x_user_id, X-Trace"),
        ("authorization", b"Bearer e30.e30.e30"),
    ]);
    let left = stripped(&Extractor::default(), map);
    assert_eq!(left, ["authorization: Bearer e30.e30.e30", "connection: close, X-Trace"]);
    let plain = headers(&[("connection", b"keep-alive")]);
    assert_eq!(stripped(&Extractor::default(), plain), ["connection: keep-alive"]);
}

#[test]
fn rules_that_contradict_themselves_are_refused() {
    let rules = CredentialRules::default;
    let error = |rules| Extractor::new(rules).unwrap_err();
    assert_eq!(error(rules().with_api_key_schemes(["bearer"])), InvalidRules::Scheme);
    assert_eq!(error(rules().with_api_key_schemes(["a b"])), InvalidRules::Scheme);
    assert_eq!(error(rules().with_api_key_headers([AUTHORIZATION])), InvalidRules::Header);
    assert_eq!(error(rules().with_cookie("a;b")), InvalidRules::Cookie);
    assert_eq!(error(rules().with_session_cookie("a;b")), InvalidRules::Cookie);
    assert_eq!(error(rules().with_cookie("a").with_session_cookie("a")), InvalidRules::CookieTwoMeanings);
    assert_eq!(error(rules().with_max_length(0)), InvalidRules::Length);
    for origin in ["", "app.example", "ftp://app.example", "https://a@app.example", "null"] {
        assert_eq!(error(rules().with_origin(origin)), InvalidRules::Origin, "{origin}");
    }
    for vague in ["*", "x*", "x-*", "x-*-*", "x-*-id", "x-who**"] {
        let name = HeaderName::from_static(vague);
        assert_eq!(error(rules().with_strip_headers([name.clone()])), InvalidRules::Beginning, "{vague}");
        assert_eq!(error(rules().with_api_key_headers([name])), InvalidRules::Beginning, "{vague}");
    }
    for own in ["authorization", "auth*", "cookie*", "conn*", "dpo*", "hos*"] {
        let name = HeaderName::from_static(own);
        assert_eq!(error(rules().with_strip_headers([name])), InvalidRules::Header, "{own}");
    }
    let many = (0..60).map(|n| HeaderName::try_from(format!("x-{n}")).unwrap());
    assert_eq!(error(rules().with_strip_headers(many)), InvalidRules::TooMany);
}

proptest::proptest! {
    #[test]
    fn no_input_panics_and_what_is_found_is_a_piece_of_the_input(
        lines in proptest::collection::vec((0_usize..10, proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)), 0..5),
    ) {
        let names = ["authorization", "x-api-key", "x_api_key", "cookie", "connection", "x-user-id", "x_user_id", "dpop", "x-remint-a", "x_auth_request_a"];
        let mut map = HeaderMap::new();
        for (name, value) in &lines {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                map.append(HeaderName::from_static(names[*name]), value);
            }
        }
        let extractor = Extractor::new(CredentialRules::default().with_cookie("session").with_session_cookie("s").with_dpop(true))
            .unwrap();
        let head = RequestHead::new(&Method::POST, "/", &map);
        if let Ok(Some(found)) = extractor.credential(head) {
            let text = found.expose_secret().as_bytes();
            assert!(map.values().any(|value| value.as_bytes().windows(text.len()).any(|part| part == text)));
        }
        if let Ok(extraction) = extractor.extract(head) {
            let mut map = map.clone();
            extractor.strip(&mut map, extraction.removals);
            assert!(map.keys().all(|name| ["authorization", "cookie", "connection"].contains(&name.as_str())));
        }
    }
}

fn with_origin(origin: &str) -> Extractor {
    Extractor::new(CredentialRules::default().with_cookie("session").with_origin(origin)).unwrap()
}

fn cookie() -> Extractor {
    Extractor::new(CredentialRules::default().with_cookie("session")).unwrap()
}

fn stripped(extractor: &Extractor, mut map: HeaderMap) -> Vec<String> {
    let head = RequestHead::new(&Method::GET, "/", &map);
    let removals = extractor.extract(head).unwrap().removals;
    extractor.strip(&mut map, removals);
    let mut left: Vec<_> = map.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    left.sort();
    left
}

fn dpop() -> Extractor {
    Extractor::new(CredentialRules::default().with_dpop(true)).unwrap()
}

#[test]
fn a_token_under_the_scheme_dpop_has_a_slot_of_its_own_where_that_is_taken() {
    for (value, form) in [
        (format!("DPoP {JWT}"), CredentialForm::Jwt),
        (format!("dpop   {JWT}"), CredentialForm::Jwt),
        ("DPOP opaque".to_owned(), CredentialForm::ApiKey),
    ] {
        let lines: &[(&str, &[u8])] = &[("authorization", value.as_bytes()), ("dpop", b"a.b.c")];
        let found = with(&dpop(), Method::GET, lines).unwrap().unwrap();
        assert_eq!((found.0, found.1), (Slot::Dpop, form), "{value}");
        assert_eq!(outcome(lines), Err(DeniedKind::UnknownScheme), "{value} where it is not taken");
    }
    let plain: &[(&str, &[u8])] = &[("authorization", b"Bearer a.b.c")];
    assert_eq!(with(&dpop(), Method::GET, plain).unwrap().unwrap().0, Slot::Bearer);
}

#[test]
fn the_rules_for_credentials_hold_under_the_scheme_dpop() {
    let long = format!("DPoP {}", "a".repeat(8193));
    for (lines, kind) in [
        (&[("authorization", &b"DPoP"[..])][..], DeniedKind::MalformedHeader),
        (&[("authorization", b"DPoP ")], DeniedKind::MalformedHeader),
        (&[("authorization", b"DPoP a.b.c, DPoP a.b.c")], DeniedKind::TwoCredentials),
        (&[("authorization", b"DPoP a.b.c,d")], DeniedKind::TwoCredentials),
        (&[("authorization", b"DPoP a.b.c.d")], DeniedKind::Structure),
        (&[("authorization", "DPoP ä".as_bytes())], DeniedKind::NotAscii),
        (&[("authorization", b"DPoP\ta.b.c")], DeniedKind::MalformedHeader),
        (&[("authorization", long.as_bytes())], DeniedKind::TooLong),
        (&[("authorization", b"DPoP a.b.c"), ("authorization", b"DPoP a.b.c")], DeniedKind::TwoCredentials),
        (&[("authorization", b"DPoP a.b.c"), ("authorization", b"Bearer a.b.c")], DeniedKind::TwoCredentials),
        (&[("authorization", b"DPoP a.b.c"), ("x-api-key", b"k")], DeniedKind::TwoCredentials),
    ] {
        assert_eq!(with(&dpop(), Method::GET, lines), Err(kind), "{lines:?}");
    }
}

#[test]
fn two_proofs_are_a_refusal_whatever_they_come_with() {
    let proofs: [(&str, &[u8]); 2] = [("dpop", b"a.b.c"), ("DPoP", b"a.b.c")];
    for credential in
        [("authorization", "DPoP a.b.c"), ("authorization", "Bearer a.b.c"), ("x-api-key", "k"), ("x", "y")]
    {
        let lines = [(credential.0, credential.1.as_bytes()), proofs[0], proofs[1]];
        assert_eq!(with(&dpop(), Method::GET, &lines), Err(DeniedKind::DpopProof), "{credential:?}");
        assert!(with(&dpop(), Method::GET, &lines[..2]).is_ok(), "one is none, {credential:?}");
        assert!(with(&Extractor::default(), Method::GET, &lines[1..]).is_ok(), "where none is read");
    }
}

#[test]
fn a_proof_does_not_go_on() {
    let sent = || {
        headers(&[("authorization", b"DPoP a.b.c"), ("dpop", b"a.b.c"), ("connection", b"close, dpop"), ("x", b"y")])
    };
    assert_eq!(stripped(&dpop(), sent()), ["authorization: DPoP a.b.c", "connection: close", "x: y"]);
}

#[test]
fn nothing_else_is_read_from_the_header_of_proofs() {
    let error = |rules: CredentialRules| Extractor::new(rules).unwrap_err();
    for dpop in [true, false] {
        let rules = || CredentialRules::default().with_dpop(dpop);
        assert_eq!(error(rules().with_api_key_schemes(["dPoP"])), InvalidRules::Scheme);
        assert_eq!(error(rules().with_api_key_headers([HeaderName::from_static("dpop")])), InvalidRules::Header);
        assert_eq!(error(rules().with_strip_headers([HeaderName::from_static("dpop")])), InvalidRules::Header);
    }
}

#[test]
fn a_certificate_is_the_extension_and_no_header() {
    let mut request = Request::get("/").header("client-cert", ":AA==:").body(()).unwrap();
    assert_eq!(RequestHead::from(&request).certificate, None);
    request.extensions_mut().insert(ClientCertificate([7; 32]));
    assert_eq!(RequestHead::from(&request).certificate, Some(&ClientCertificate([7; 32])));
}

#[test]
fn debug_of_a_request_head_shows_no_credential() {
    let request = Request::get("/?key=canary").header("authorization", "Bearer canary").body(()).unwrap();
    assert!(!format!("{:?}", RequestHead::from(&request)).contains("canary"));
}

fn jwt_header(rules: CredentialRules) -> Extractor {
    Extractor::new(rules.with_jwt_headers([HeaderName::from_static("cf-access-jwt-assertion")])).unwrap()
}

#[test]
fn a_jwt_in_a_header_of_its_own_counts_only_where_configured_and_does_not_go_on() {
    let lines: &[(&str, &[u8])] = &[("cf-access-jwt-assertion", b"e30.e30.e30"), ("accept", b"*/*")];
    assert_eq!(outcome(lines), Ok(None));
    let extractor = jwt_header(CredentialRules::default());
    let found = with(&extractor, Method::GET, lines).unwrap().unwrap();
    assert_eq!((found.0, found.1), (Slot::JwtHeader, CredentialForm::Jwt));
    assert_eq!(stripped(&extractor, headers(lines)), ["accept: */*"]);
    for (more, refused) in [
        (("x-api-key", &b"rmt_live_x"[..]), DeniedKind::TwoCredentials),
        (("cf-access-jwt-assertion", b"e30.e30.e31"), DeniedKind::TwoCredentials),
        (("cf_access_jwt_assertion", b"e30.e30.e31"), DeniedKind::LookAlikeHeader),
    ] {
        assert_eq!(with(&extractor, Method::GET, &[lines[0], more]), Err(refused));
    }
    let key: &[(&str, &[u8])] = &[("cf-access-jwt-assertion", b"rmt_live_x")];
    assert_eq!(with(&extractor, Method::GET, key), Err(DeniedKind::Structure));
}

#[test]
fn a_jwt_in_a_header_of_its_own_is_refused_where_a_browser_says_that_another_site_caused_the_request() {
    let ours = jwt_header(CredentialRules::default().with_origin("https://app.example"));
    let without = jwt_header(CredentialRules::default());
    let jwt: (&str, &[u8]) = ("cf-access-jwt-assertion", b"e30.e30.e30");
    let (here, there): (&[u8], &[u8]) = (b"https://app.example", b"https://evil.example");
    type Lines<'a> = &'a [(&'a str, &'a [u8])];
    let cases: [(Lines<'_>, bool, bool); 8] = [
        (&[], true, true),
        (&[("sec-fetch-site", b"same-origin")], true, true),
        (&[("sec-fetch-site", b"cross-site")], false, false),
        (&[("sec-fetch-site", b"same-site")], false, false),
        (&[("origin", here)], true, false),
        (&[("origin", there)], false, false),
        (&[("sec-fetch-site", b"same-origin"), ("origin", there)], false, true),
        (&[("sec-fetch-site", b"cross-site"), ("origin", here)], false, false),
    ];
    for (lines, with_ours, with_none) in cases {
        let lines = [&[jwt], lines].concat();
        let upgrade = [&lines[..], &[("upgrade", b"websocket")]].concat();
        for (extractor, passes) in [(&ours, with_ours), (&without, with_none)] {
            for outcome in [with(extractor, Method::POST, &lines), with(extractor, Method::GET, &upgrade)] {
                assert_eq!(outcome.is_ok(), passes, "{lines:?}");
                assert!(passes || outcome == Err(DeniedKind::CrossOrigin));
            }
            assert!(with(extractor, Method::GET, &lines).is_ok(), "{lines:?}");
        }
    }
}

#[test]
fn a_header_carries_keys_or_jwts() {
    let rules = |name: &'static str| CredentialRules::default().with_jwt_headers([HeaderName::from_static(name)]);
    let refused = |name| Extractor::new(rules(name)).unwrap_err();
    assert_eq!(refused("x-api-key"), InvalidRules::TwoMeanings);
    assert_eq!(refused("authorization"), InvalidRules::Header);
    assert_eq!(refused("x-jwt-*"), InvalidRules::Beginning);
}
