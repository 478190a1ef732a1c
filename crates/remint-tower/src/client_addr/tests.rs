//! What the layer states of who connects and who is served.

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

#[test]
fn the_client_is_whom_the_trusted_proxies_name_in_the_header_that_they_write() {
    let proxies = || networks(["10.0.0.1"]);
    let lines = [(XFF, "192.0.2.1"), ("forwarded", "for=192.0.2.2")];
    for (layer, by_proxy, by_stranger) in [
        (by_socket(), None, None),
        (by_socket().trusting(proxies()), Some("192.0.2.1"), None),
        (by_socket().trusting_forwarded(proxies()), Some("192.0.2.2"), None),
    ] {
        for (peer, lines, expected) in [
            ("10.0.0.1", &lines[..], by_proxy),
            ("203.0.113.7", &lines[..], by_stranger),
            ("203.0.113.7", &[][..], Some("203.0.113.7")),
        ] {
            let client = stated(&layer, from(peer, lines)).map(|client| client.to_string());
            assert_eq!(client.as_deref(), expected, "{peer} {layer:?}");
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
