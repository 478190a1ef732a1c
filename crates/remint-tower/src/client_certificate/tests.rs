use std::net::IpAddr;

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use remint_core::ClientCertificate;

use super::ClientCertificateLayer;

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "192.0.2.7";
/// What the server's own TLS found.
const OF_CONNECTION: ClientCertificate = ClientCertificate([9; 32]);

fn layer() -> ClientCertificateLayer {
    ClientCertificateLayer::peer(|extensions| extensions.get::<IpAddr>().copied())
}

fn rfc9440() -> ClientCertificateLayer {
    layer().trusting([PROXY.parse().unwrap()])
}

fn envoy() -> ClientCertificateLayer {
    layer().trusting_envoy([PROXY.parse().unwrap()])
}

/// What is stated, and what is left of the headers.
fn settle(
    layer: &ClientCertificateLayer,
    peer: Option<&str>,
    stated: Option<ClientCertificate>,
    lines: &[(&str, &str)],
) -> (Option<ClientCertificate>, Vec<String>) {
    let (mut extensions, mut headers) = (Extensions::new(), HeaderMap::new());
    if let Some(peer) = peer {
        extensions.insert::<IpAddr>(peer.parse().unwrap());
    }
    if let Some(stated) = stated {
        extensions.insert(stated);
    }
    for (name, value) in lines {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    layer.settle(&mut extensions, &mut headers);
    (extensions.get().copied(), headers.keys().map(ToString::to_string).collect())
}

/// What Envoy writes of the certificate whose hash is `byte`, 32 times.
fn hash(byte: u8) -> String {
    format!("Hash={}", format!("{byte:02x}").repeat(32))
}

#[test]
fn a_trusted_proxy_states_the_certificate_and_nobody_else_does() {
    let named = hash(1);
    let lines = [("x-forwarded-client-cert", &*named)];
    for own in [None, Some(OF_CONNECTION)] {
        assert_eq!(settle(&envoy(), Some(PROXY), own, &lines).0, Some(ClientCertificate([1; 32])));
        assert_eq!(settle(&envoy(), Some(PROXY), own, &[]).0, None, "the connection's own is the proxy's");
        assert_eq!(settle(&rfc9440(), Some(PROXY), own, &lines).0, None, "another header");
        for peer in [Some(STRANGER), None] {
            assert_eq!(settle(&envoy(), peer, own, &lines).0, own, "{peer:?}");
        }
        assert_eq!(settle(&layer(), Some(PROXY), own, &lines).0, own, "nobody is trusted yet");
    }
    let renamed = envoy().in_header(HeaderName::from_static("x-client-cert"));
    let lines = [("x-client-cert", &*named), ("x-forwarded-client-cert", "kept")];
    assert_eq!(
        settle(&renamed, Some(PROXY), None, &lines),
        (Some(ClientCertificate([1; 32])), vec!["x-forwarded-client-cert".to_owned()])
    );
}

#[test]
fn the_header_never_goes_on_whoever_sent_it() {
    let lines: &[(&str, &str)] =
        &[("client-cert", "x"), ("client-cert", "x"), ("client_cert", "x"), ("Client_Cert", "x"), ("accept", "x")];
    for peer in [Some(PROXY), Some(STRANGER), None] {
        assert_eq!(settle(&rfc9440(), peer, None, lines).1, ["accept"], "{peer:?}");
        let lines: &[(&str, &str)] =
            &[("x-forwarded-client-cert", "x"), ("x_forwarded-client_cert", "x"), ("client-cert", "kept")];
        assert_eq!(settle(&envoy(), peer, None, lines).1, ["client-cert"], "{peer:?}");
    }
}
