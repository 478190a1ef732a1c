//! Who the client is, by what was connected and by what was sent.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll, Waker};

use http::Request;
use remint_core::{ClientAddr, Network, PeerAddr};
use tower::{Layer, Service, service_fn};

use super::ClientAddrLayer;

const XFF: &str = "x-forwarded-for";

fn networks<const N: usize>(texts: [&str; N]) -> [Network; N] {
    texts.map(|text| text.parse().unwrap())
}

/// Believes the proxies `10.0.0.1` and `2001:db8:ffff::/48`.
fn trusting() -> ClientAddrLayer {
    by_socket().trusting(networks(["10.0.0.1", "2001:db8:ffff::/48"]))
}

fn by_socket() -> ClientAddrLayer {
    ClientAddrLayer::peer(|extensions| extensions.get::<SocketAddr>().map(SocketAddr::ip))
}

fn from(peer: &str, lines: &[(&str, &str)]) -> Request<()> {
    let lines = lines.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
    let mut request = lines.body(()).unwrap();
    request.extensions_mut().insert(SocketAddr::new(peer.parse().unwrap(), 40_000));
    request
}

/// What the service behind the layer reads.
fn stated(layer: &ClientAddrLayer, request: Request<()>) -> Option<IpAddr> {
    let mut service = layer.layer(service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(request.extensions().get::<ClientAddr>().map(|client| client.0))
    }));
    let answer = std::pin::pin!(service.call(request)).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Ok(client)) = answer else { panic!("nothing waits") };
    client
}

fn client(layer: &ClientAddrLayer, peer: &str, lines: &[(&str, &str)]) -> Option<String> {
    stated(layer, from(peer, lines)).map(|client| client.to_string())
}

#[test]
fn the_peer_is_the_client_and_no_header_names_another_unless_the_peer_is_trusted() {
    let spoofed =
        [("x-real-ip", "198.51.100.1"), ("x_forwarded_for", "198.51.100.1"), ("true-client-ip", "198.51.100.1")];
    for layer in [by_socket(), trusting(), by_socket().trusting_forwarded(networks(["10.0.0.1"]))] {
        assert_eq!(client(&layer, "203.0.113.7", &spoofed).as_deref(), Some("203.0.113.7"), "{layer:?}");
        assert_eq!(client(&layer, "203.0.113.7", &[]).as_deref(), Some("203.0.113.7"));
        assert_eq!(client(&layer, "::ffff:203.0.113.7", &spoofed).as_deref(), Some("203.0.113.7"));
    }
    assert_eq!(client(&by_socket(), "10.0.0.1", &spoofed).as_deref(), Some("10.0.0.1"), "nobody is trusted");
}

#[test]
fn a_peer_that_forwards_and_is_not_trusted_is_no_client() {
    for layer in [by_socket(), trusting(), by_socket().trusting_forwarded(networks(["10.0.0.1"]))] {
        for header in [(XFF, "203.0.113.7"), (XFF, ""), ("forwarded", "for=203.0.113.7"), ("forwarded", "garbage")] {
            for peer in ["203.0.113.7", "127.0.0.1", "::1", "::ffff:127.0.0.1"] {
                assert_eq!(client(&layer, peer, &[header]), None, "{header:?} by {peer} {layer:?}");
            }
        }
    }
}

#[test]
fn the_peer_is_stated_beside_the_client_whoever_the_client_is() {
    let layer = trusting();
    let peer = |request: Request<()>| {
        let mut service = layer.layer(service_fn(async |request: Request<()>| {
            Ok::<_, Infallible>(request.extensions().get::<PeerAddr>().map(|peer| peer.0.to_string()))
        }));
        let answer = std::pin::pin!(service.call(request)).poll(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Ok(peer)) = answer else { panic!("nothing waits") };
        peer
    };
    for (from_peer, lines) in [
        ("203.0.113.7", &[][..]),
        ("203.0.113.7", &[(XFF, "192.0.2.1")]),
        ("10.0.0.1", &[(XFF, "192.0.2.1")]),
        ("10.0.0.1", &[]),
    ] {
        assert_eq!(peer(from(from_peer, lines)).as_deref(), Some(from_peer), "{lines:?}");
    }
    let mut unknown = Request::get("/").body(()).unwrap();
    unknown.extensions_mut().insert(PeerAddr("198.51.100.1".parse().unwrap()));
    assert_eq!(peer(unknown), None, "an unknown peer");
}

#[test]
fn the_first_from_the_right_that_is_no_trusted_proxy_is_the_client() {
    let layer = trusting();
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
            assert_eq!(client(&layer, peer, lines).as_deref(), Some(*expected), "{lines:?} by {peer}");
        }
    }
}

#[test]
fn what_is_no_address_is_no_client_and_never_the_one_to_the_left_of_it() {
    let layer = trusting();
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
        assert_eq!(client(&layer, "10.0.0.1", &[(XFF, value)]), None, "{value}");
    }
    let mut request = from("10.0.0.1", &[]);
    request.headers_mut().insert(XFF, http::HeaderValue::from_bytes(b"192.0.2.1, \xff").unwrap());
    assert_eq!(stated(&layer, request), None);
}

#[test]
fn a_trusted_proxy_that_names_nobody_lends_its_own_address_to_nobody() {
    let layer = trusting();
    for lines in
        [&[][..], &[(XFF, "10.0.0.1")], &[(XFF, "10.0.0.1, 2001:db8:ffff::9")], &[("forwarded", "for=192.0.2.1")]]
    {
        assert_eq!(client(&layer, "10.0.0.1", lines), None, "{lines:?}");
    }
}

#[test]
fn forwarded_is_read_as_its_rfc_says_where_it_is_the_one_that_proxies_write() {
    let layer = by_socket().trusting_forwarded(networks(["10.0.0.1", "2001:db8:ffff::/48"]));
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
        assert_eq!(client(&layer, "10.0.0.1", &lines).as_deref(), expected, "{value}");
    }
    assert_eq!(client(&layer, "10.0.0.1", &[(XFF, "198.51.100.2")]), None, "only one header is believed");
}

#[test]
fn a_client_address_that_is_already_there_is_overwritten_or_removed() {
    let (layer, other) = (trusting(), ClientAddr("198.51.100.1".parse().unwrap()));
    for (peer, expected) in [("203.0.113.7", Some("203.0.113.7".parse().unwrap())), ("10.0.0.1", None)] {
        let mut request = from(peer, &[]);
        request.extensions_mut().insert(other);
        assert_eq!(stated(&layer, request), expected);
    }
    let mut unknown = Request::get("/").header(XFF, "198.51.100.1").body(()).unwrap();
    unknown.extensions_mut().insert(other);
    assert_eq!(stated(&layer, unknown), None, "an unknown peer");
}

#[test]
fn no_more_of_the_header_is_walked_than_there_can_be_proxies() {
    let layer = trusting();
    let chain = |proxies: usize| format!("192.0.2.1{}", ",10.0.0.1".repeat(proxies));
    assert_eq!(client(&layer, "10.0.0.1", &[(XFF, &chain(31))]).as_deref(), Some("192.0.2.1"));
    assert_eq!(client(&layer, "10.0.0.1", &[(XFF, &chain(32))]), None);
    let lines: Vec<_> = std::iter::once("192.0.2.1").chain(["10.0.0.1"; 32]).map(|line| (XFF, line)).collect();
    assert_eq!(client(&layer, "10.0.0.1", &lines), None);
    let long = |length: usize| format!("{}, 192.0.2.1", "x".repeat(length - 11));
    assert_eq!(client(&layer, "10.0.0.1", &[(XFF, &long(4096))]).as_deref(), Some("192.0.2.1"));
    assert_eq!(client(&layer, "10.0.0.1", &[(XFF, &long(4097))]), None);
    assert_eq!(client(&layer, "10.0.0.1", &[(XFF, &long(4097)), (XFF, "192.0.2.1")]).as_deref(), Some("192.0.2.1"));
    assert_eq!(client(&layer, "10.0.0.1", &[(XFF, "192.0.2.1"), (XFF, &long(4097))]), None, "it is not passed over");
}

proptest::proptest! {
    #[test]
    fn nothing_a_client_sends_before_what_the_proxy_appends_changes_who_it_is(
        sent in proptest::collection::vec("[ -~]{0,40}", 0..4),
        joined in proptest::prelude::any::<bool>(),
    ) {
        for (name, layer, appended) in [
            (XFF, trusting(), "192.0.2.1"),
            ("forwarded", by_socket().trusting_forwarded(networks(["10.0.0.1"])), "for=\"192.0.2.1:80\";host=\"a,b\""),
        ] {
            let joined_line = format!("{}, {appended}", sent.join(", "));
            let lines: Vec<(&str, &str)> = if joined {
                vec![(name, &joined_line)]
            } else {
                sent.iter().map(|line| (name, line.as_str())).chain([(name, appended)]).collect()
            };
            let client = client(&layer, "10.0.0.1", &lines);
            proptest::prop_assert_eq!(client.as_deref(), Some("192.0.2.1"), "{:?}", lines);
        }
    }
}
