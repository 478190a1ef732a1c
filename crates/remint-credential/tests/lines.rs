//! A list of header lines is read as the `HeaderMap` made of it.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use remint_core::{DeniedKind, Slot};
use remint_credential::{CredentialRules, Edit, Extraction, Extractor, HeaderLines, RequestHead, header_values};

type Lines = Vec<(String, Vec<u8>)>;

#[test]
fn a_name_in_any_case_is_seen() {
    let extractor = Extractor::new(CredentialRules::default().with_cookie("session").with_dpop(true)).unwrap();
    let slot = |lines: &[(&str, &str)]| {
        let lines = lines.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect::<Vec<_>>();
        let found = extractor.credential(RequestHead::new(&Method::GET, "/", &lines[..]));
        found.map(|found| found.map(|credential| credential.slot())).map_err(|denied| denied.kind())
    };
    for name in ["authorization", "Authorization", "AUTHORIZATION"] {
        assert_eq!(slot(&[(name, "Bearer a.b.c")]), Ok(Some(Slot::Bearer)), "{name}");
        assert_eq!(slot(&[(name, "Bearer a.b.c"), ("x-api-key", "k")]), Err(DeniedKind::TwoCredentials), "{name}");
    }
    for name in ["x-api-key", "X-API-Key", "X-Api-Key"] {
        assert_eq!(slot(&[(name, "k")]), Ok(Some(Slot::ApiKeyHeader)), "{name}");
    }
    for name in ["X_API_Key", "X-API_KEY"] {
        assert_eq!(slot(&[(name, "k")]), Err(DeniedKind::LookAlikeHeader), "{name}");
    }
    assert_eq!(slot(&[("Cookie", "session=a.b.c")]), Ok(Some(Slot::Cookie)));
    assert_eq!(slot(&[("DPoP", "a"), ("dpop", "b")]), Err(DeniedKind::DpopProof));
}

#[test]
fn where_a_cookie_comes_from_is_read_in_any_case() {
    let extractor = Extractor::new(CredentialRules::default().with_cookie("session")).unwrap();
    let kind = |name: &str, value: &str| {
        let lines: [(&[u8], &[u8]); 2] = [(b"Cookie", b"session=a.b.c"), (name.as_bytes(), value.as_bytes())];
        extractor.extract(RequestHead::new(&Method::POST, "/", &lines[..])).err().map(|denied| denied.kind())
    };
    assert_eq!(kind("Sec-Fetch-Site", "same-origin"), None);
    assert_eq!(kind("SEC-FETCH-SITE", "cross-site"), Some(DeniedKind::CrossOrigin));
    let lines: [(&[u8], &[u8]); 2] = [(b"Cookie", b"session=a.b.c"), (b"Upgrade", b"websocket")];
    assert!(extractor.extract(RequestHead::new(&Method::GET, "/", &lines[..])).is_err());
}

#[test]
fn values_are_found_by_their_name_in_any_case() {
    let lines: [(&[u8], &[u8]); 3] = [(b"DPoP", b"1"), (b"dpop", b"2"), (b"dpop2", b"3")];
    assert_eq!(header_values(&lines[..], "dpop").collect::<Vec<_>>(), [b"1", b"2"]);
    let head = RequestHead::new(&Method::GET, "/", &lines[..]);
    assert!(head.has("DPOP") && !head.has("dpop-nonce"));
}

proptest! {
    #[test]
    fn a_list_is_read_as_the_map_made_of_it(lines in lines(), post in any::<bool>()) {
        let extractor = Extractor::new(CredentialRules::default().with_cookie("session").with_dpop(true)).unwrap();
        let method = if post { Method::POST } else { Method::GET };
        let map: HeaderMap = lines
            .iter()
            .map(|(name, value)| (HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value).unwrap()))
            .fold(HeaderMap::new(), |mut map, (name, value)| { map.append(name, value); map });
        let of_map = result(extractor.extract(RequestHead::new(&method, "/", &map)));

        // In the map's order, under the names as they were sent: all is the same, the refusal too.
        let mut sorted = lines.clone();
        let place = |name: &str| map.keys().position(|key| key.as_str().eq_ignore_ascii_case(name));
        sorted.sort_by_key(|(name, _)| place(name));
        prop_assert_eq!(&of_list(&extractor, &method, &sorted), &of_map);

        // In the order as they were sent: of two refusals the first is said, which may be another.
        match (of_list(&extractor, &method, &lines), of_map) {
            (Err(_), Err(_)) => {}
            (list, map) => prop_assert_eq!(list, map),
        }
    }
}

proptest! {
    #[test]
    fn the_edits_of_a_list_leave_what_stripping_the_map_leaves(lines in lines()) {
        let extractor = Extractor::new(CredentialRules::default().with_cookie("session").with_dpop(true)).unwrap();
        let list: Vec<(&[u8], &[u8])> = lines.iter().map(|(name, value)| (name.as_bytes(), &value[..])).collect();
        let mut edited = HeaderMap::new();
        for (name, value) in &list {
            edited.append(HeaderName::from_bytes(name).unwrap(), HeaderValue::from_bytes(value).unwrap());
        }
        let mut stripped = edited.clone();
        let Ok(extraction) = extractor.extract(RequestHead::new(&Method::GET, "/", &list[..])) else { return Ok(()) };
        extractor.strip(&mut stripped, extraction.removals);
        let (mut set, mut removed) = (Vec::new(), Vec::new());
        extractor.each_edit(&list[..], extraction.removals, |edit| match edit {
            Edit::Set(name, value) => {
                edited.insert(name, value.clone());
                set.push(name.clone());
            }
            Edit::Append(name, value) => {
                assert!(set.contains(name), "{name} is appended to before it is set");
                edited.append(name, value.clone());
            }
            Edit::Remove(name) => {
                assert!(list.iter().any(|(present, _)| present.eq_ignore_ascii_case(name)), "a name that is not there");
                let name = HeaderName::from_bytes(name).unwrap();
                edited.remove(&name);
                removed.push(name);
            }
        });
        prop_assert_eq!(edited, stripped);
        for (index, name) in removed.iter().enumerate() {
            prop_assert!(!set.contains(name) && !removed.iter().take(index).any(|before| before == name), "{}", name);
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_of_a_list_panic_it(
        lines in proptest::collection::vec(
            (
                prop_oneof![
                    proptest::sample::select(vec!["authorization", "Cookie", "connection", "x_api_key", "x-remint-"])
                        .prop_map(|name| name.as_bytes().to_vec()),
                    proptest::collection::vec(any::<u8>(), 0..20),
                ],
                prop_oneof![
                    Just(b"session=a.b.c; \nother=\xff".to_vec()),
                    Just(b"close, \n, x-user-id".to_vec()),
                    proptest::collection::vec(any::<u8>(), 0..20),
                ],
            ),
            0..6,
        ),
    ) {
        let extractor = Extractor::new(CredentialRules::default().with_cookie("session").with_dpop(true)).unwrap();
        let list: Vec<(&[u8], &[u8])> = lines.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        if let Ok(extraction) = extractor.extract(RequestHead::new(&Method::GET, "/", &list[..])) {
            extractor.each_edit(&list[..], extraction.removals, |_| ());
        }
    }
}

type Read = Result<(Option<(Slot, Vec<u8>)>, String), DeniedKind>;

fn of_list(extractor: &Extractor, method: &Method, lines: &Lines) -> Read {
    let lines: Vec<(&[u8], &[u8])> = lines.iter().map(|(name, value)| (name.as_bytes(), &value[..])).collect();
    assert_eq!(lines[..].lines().count(), lines.len());
    result(extractor.extract(RequestHead::new(method, "/", &lines[..])))
}

fn result(extraction: Result<Extraction<'_>, remint_core::Denied>) -> Read {
    let Extraction { presented, removals, .. } = extraction.map_err(|denied| denied.kind())?;
    let presented = presented.map(|found| (found.slot(), found.expose_secret().to_vec()));
    Ok((presented, format!("{removals:?}")))
}

fn lines() -> impl Strategy<Value = Lines> {
    let name = prop_oneof![
        proptest::sample::select(vec![
            "authorization",
            "x-api-key",
            "x_api_key",
            "cookie",
            "connection",
            "x-user-id",
            "x_user-id",
            "dpop",
            "x-remint-a",
            "x_remint_a",
            "x-auth-request-user",
            "sec-fetch-site",
            "origin",
            "upgrade",
            "accept",
            "host",
        ])
        .prop_map(str::to_owned),
        "[a-z][a-z_-]{0,12}",
    ];
    let name = (name, proptest::collection::vec(any::<bool>(), 24)).prop_map(|(name, capitals)| {
        let cased = |(letter, capital): (char, bool)| if capital { letter.to_ascii_uppercase() } else { letter };
        name.chars().zip(capitals).map(cased).collect()
    });
    let value = prop_oneof![
        Just(b"Bearer a.b.c".to_vec()),
        Just(b"Basic YTpi".to_vec()),
        Just(b"session=a.b.c; other=1".to_vec()),
        Just(b"same-origin".to_vec()),
        Just(b"close, x-user-id".to_vec()),
        Just(b"keep-alive".to_vec()),
        proptest::collection::vec(0x20_u8..0x7f, 0..20),
        proptest::collection::vec(0x80_u8..=0xff, 0..4),
    ];
    proptest::collection::vec((name, value), 0..6)
}
