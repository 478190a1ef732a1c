//! Who the client is, by what was connected and by what was sent.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use remint_core::Network;

use super::ForwardedAddress;

const XFF: &str = "x-forwarded-for";

fn networks<const N: usize>(texts: [&str; N]) -> [Network; N] {
    texts.map(|text| text.parse().unwrap())
}

/// Believes the proxies `10.0.0.1` and `2001:db8:ffff::/48`.
fn trusting() -> ForwardedAddress {
    ForwardedAddress::new().trusting(networks(["10.0.0.1", "2001:db8:ffff::/48"]))
}

fn trusting_forwarded() -> ForwardedAddress {
    ForwardedAddress::new().trusting_forwarded(networks(["10.0.0.1", "2001:db8:ffff::/48"]))
}

/// The client, which is the same by a header map and by a list of lines.
fn stated(rule: &ForwardedAddress, peer: Option<&str>, lines: &[(&str, &[u8])]) -> Option<String> {
    let peer = peer.map(|peer| peer.parse::<IpAddr>().unwrap());
    let (mut map, mut list) = (HeaderMap::new(), Vec::new());
    for (name, value) in lines {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value).unwrap());
        list.push((name.as_bytes(), *value));
    }
    let client = rule.client(peer, &map);
    assert_eq!(rule.client(peer, &list[..]), client, "{lines:?}");
    client.map(|client| client.to_string())
}

fn client(rule: &ForwardedAddress, peer: &str, lines: &[(&str, &str)]) -> Option<String> {
    let lines: Vec<_> = lines.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    stated(rule, Some(peer), &lines)
}

#[test]
fn the_peer_is_the_client_and_no_header_names_another_unless_the_peer_is_trusted() {
    let spoofed =
        [("x-real-ip", "198.51.100.1"), ("x_forwarded_for", "198.51.100.1"), ("true-client-ip", "198.51.100.1")];
    for rule in [ForwardedAddress::new(), trusting(), trusting_forwarded()] {
        assert_eq!(client(&rule, "203.0.113.7", &spoofed).as_deref(), Some("203.0.113.7"), "{rule:?}");
        assert_eq!(client(&rule, "203.0.113.7", &[]).as_deref(), Some("203.0.113.7"));
        assert_eq!(client(&rule, "::ffff:203.0.113.7", &spoofed).as_deref(), Some("203.0.113.7"));
    }
    assert_eq!(
        client(&ForwardedAddress::new(), "10.0.0.1", &spoofed).as_deref(),
        Some("10.0.0.1"),
        "nobody is trusted"
    );
}

#[test]
fn a_peer_that_forwards_and_is_not_trusted_is_no_client() {
    for rule in [ForwardedAddress::new(), trusting(), trusting_forwarded()] {
        for header in [(XFF, "203.0.113.7"), (XFF, ""), ("forwarded", "for=203.0.113.7"), ("forwarded", "garbage")] {
            for peer in ["203.0.113.7", "127.0.0.1", "::1", "::ffff:127.0.0.1"] {
                assert_eq!(client(&rule, peer, &[header]), None, "{header:?} by {peer} {rule:?}");
            }
        }
    }
}

#[test]
fn where_the_peer_is_unknown_there_is_no_client() {
    for rule in [ForwardedAddress::new(), trusting(), trusting_forwarded()] {
        for lines in [&[][..], &[(XFF, &b"192.0.2.1"[..])], &[("forwarded", b"for=192.0.2.1")]] {
            assert_eq!(stated(&rule, None, lines), None, "{lines:?}");
        }
    }
}

#[test]
fn names_are_read_in_any_case() {
    assert_eq!(client(&trusting(), "10.0.0.1", &[("X-Forwarded-For", "192.0.2.1")]).as_deref(), Some("192.0.2.1"));
    let forwarded = [("FORWARDED", "for=192.0.2.1")];
    assert_eq!(client(&trusting_forwarded(), "10.0.0.1", &forwarded).as_deref(), Some("192.0.2.1"));
    assert_eq!(client(&trusting(), "203.0.113.7", &forwarded), None, "it forwards");
}

#[test]
fn the_first_from_the_right_that_is_no_trusted_proxy_is_the_client() {
    let rule = trusting();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[(XFF, "192.0.2.1")], "192.0.2.1"),
        (&[(XFF, "198.51.100.1, 192.0.2.1")], "192.0.2.1"),
        (&[(XFF, "198.51.100.1,192.0.2.1,10.0.0.1 ,\t2001:db8:ffff::2")], "192.0.2.1"),
        (&[(XFF, "198.51.100.1"), (XFF, "192.0.2.1"), (XFF, "10.0.0.1")], "192.0.2.1"),
        (&[(XFF, "10.0.0.1, 192.0.2.1")], "192.0.2.1"),
        (&[(XFF, "garbage, \", ,, 192.0.2.1")], "192.0.2.1"),
        (&[(XFF, "192.0.2.1:5000")], "192.0.2.1"),
        (&[(XFF, "::ffff:192.0.2.1, ::ffff:10.0.0.1")], "192.0.2.1"),
        (&[(XFF, "2001:db8::1, [2001:db8:ffff::1]:443, [2001:db8:ffff::2]")], "2001:db8::1"),
        (&[("forwarded", "for=198.51.100.1"), (XFF, "192.0.2.1")], "192.0.2.1"),
    ];
    for (lines, expected) in cases {
        for peer in ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8:ffff::3"] {
            assert_eq!(client(&rule, peer, lines).as_deref(), Some(*expected), "{lines:?} by {peer}");
        }
    }
}

#[test]
fn what_is_no_address_is_no_client_and_never_the_one_to_the_left_of_it() {
    let rule = trusting();
    let bad = [
        "",
        ",",
        "192.0.2.1,",
        "192.0.2.1, unknown",
        "192.0.2.1, 10.0.0.1, example.com",
        "192.0.2.1, 192.0.2.300",
        "192.0.2.1, 192.0.2.1.1",
        "192.0.2.1, 0x7f000001",
        "192.0.2.1, fe80::1%eth0",
        "192.0.2.1, [192.0.2.1]",
        "192.0.2.1, [2001:db8::1",
        "192.0.2.1, 192.0.2.1:99999",
        "192.0.2.1, \"192.0.2.1\"",
        "192.0.2.1 192.0.2.1",
        "192.0.2.1;",
    ];
    for value in bad {
        assert_eq!(client(&rule, "10.0.0.1", &[(XFF, value)]), None, "{value}");
    }
    assert_eq!(stated(&rule, Some("10.0.0.1"), &[(XFF, b"192.0.2.1, \xff")]), None);
}

#[test]
fn a_trusted_proxy_that_names_nobody_lends_its_own_address_to_nobody() {
    let rule = trusting();
    for lines in
        [&[][..], &[(XFF, "10.0.0.1")], &[(XFF, "10.0.0.1, 2001:db8:ffff::9")], &[("forwarded", "for=192.0.2.1")]]
    {
        assert_eq!(client(&rule, "10.0.0.1", lines), None, "{lines:?}");
    }
}

#[test]
fn forwarded_is_read_as_its_rfc_says_where_it_is_the_one_that_proxies_write() {
    let rule = trusting_forwarded();
    let cases = [
        ("for=192.0.2.1", Some("192.0.2.1")),
        ("For=\"192.0.2.1:47011\";proto=https;by=203.0.113.43", Some("192.0.2.1")),
        ("for=198.51.100.1, proto=http; for=\"[2001:db8::17]:4711\"", Some("2001:db8::17")),
        ("for=198.51.100.1, for=192.0.2.1;by=\"a,b\", for=10.0.0.1", Some("192.0.2.1")),
        ("for=\"198.51.100.1, for=192.0.2.1", Some("192.0.2.1")),
        ("for=198.51.100.1;host=\"\\, for=192.0.2.1", Some("192.0.2.1")),
        ("for=198.51.100.1, for=unknown", None),
        ("for=198.51.100.1, for=_hidden", None),
        ("for=198.51.100.1, for=\"192.0.2.1", None),
        ("for=198.51.100.1, for=192.0.2.1\"", None),
        ("for=198.51.100.1, proto=https", None),
        ("for=198.51.100.1, for=192.0.2.1;for=192.0.2.2", None),
        ("for=198.51.100.1, 192.0.2.1", None),
        ("for=198.51.100.1, for=192.0.2.1;", None),
        // What a client wrote into `Host`, and a proxy copied.
        ("for=192.0.2.1;host=\"x;for=198.51.100.1\"", None),
        ("host=\"x;for=198.51.100.1;y=z\"", None),
        ("for=192.0.2.1;host=\"x\\\",for=198.51.100.1;y=\\\"z\"", None),
        ("for=192.0.2.1;host=\"x,for=198.51.100.1\"", Some("192.0.2.1")),
        ("", None),
    ];
    for (value, expected) in cases {
        let lines = [("forwarded", value), (XFF, "198.51.100.2")];
        assert_eq!(client(&rule, "10.0.0.1", &lines).as_deref(), expected, "{value}");
    }
    assert_eq!(client(&rule, "10.0.0.1", &[(XFF, "198.51.100.2")]), None, "only one header is believed");
}

#[test]
fn no_more_of_the_header_is_walked_than_there_can_be_proxies() {
    let rule = trusting();
    let chain = |proxies: usize| format!("192.0.2.1{}", ",10.0.0.1".repeat(proxies));
    assert_eq!(client(&rule, "10.0.0.1", &[(XFF, &chain(31))]).as_deref(), Some("192.0.2.1"));
    assert_eq!(client(&rule, "10.0.0.1", &[(XFF, &chain(32))]), None);
    let lines: Vec<_> = std::iter::once("192.0.2.1").chain(["10.0.0.1"; 32]).map(|line| (XFF, line)).collect();
    assert_eq!(client(&rule, "10.0.0.1", &lines), None);
    let long = |length: usize| format!("{}, 192.0.2.1", "x".repeat(length - 11));
    assert_eq!(client(&rule, "10.0.0.1", &[(XFF, &long(4096))]).as_deref(), Some("192.0.2.1"));
    assert_eq!(client(&rule, "10.0.0.1", &[(XFF, &long(4097))]), None);
    assert_eq!(client(&rule, "10.0.0.1", &[(XFF, &long(4097)), (XFF, "192.0.2.1")]).as_deref(), Some("192.0.2.1"));
    assert_eq!(client(&rule, "10.0.0.1", &[(XFF, "192.0.2.1"), (XFF, &long(4097))]), None, "it is not passed over");
}

proptest::proptest! {
    #[test]
    fn nothing_a_client_sends_before_what_the_proxy_appends_changes_who_it_is(
        sent in proptest::collection::vec("[ -~]{0,40}", 0..4),
        joined in proptest::prelude::any::<bool>(),
    ) {
        for (name, rule, appended) in [
            (XFF, trusting(), "192.0.2.1"),
            ("forwarded", trusting_forwarded(), "for=\"192.0.2.1:80\";host=\"a,b\""),
        ] {
            let joined_line = format!("{}, {appended}", sent.join(", "));
            let lines: Vec<(&str, &str)> = if joined {
                vec![(name, &joined_line)]
            } else {
                sent.iter().map(|line| (name, line.as_str())).chain([(name, appended)]).collect()
            };
            let client = client(&rule, "10.0.0.1", &lines);
            proptest::prop_assert_eq!(client.as_deref(), Some("192.0.2.1"), "{:?}", lines);
        }
    }
}
