use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use remint_core::ClientCertificate;
use sha2::{Digest, Sha256};

use super::ClientCertificateLayer;
use super::xfcc::hash;

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "192.0.2.7";
const DER: &[u8] = b"a certificate in DER";
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

fn encoded() -> String {
    format!(":{}:", BASE64_STANDARD.encode(DER))
}

fn of_der() -> ClientCertificate {
    ClientCertificate(Sha256::digest(DER).into())
}

fn hex(byte: u8) -> String {
    format!("{byte:02x}").repeat(32)
}

#[test]
fn a_trusted_proxy_states_the_certificate() {
    let header = encoded();
    for peer in [PROXY, "::ffff:10.0.0.1"] {
        for value in [header.clone(), format!(" {header}\t")] {
            assert_eq!(settle(&rfc9440(), Some(peer), None, &[("client-cert", &value)]).0, Some(of_der()), "{peer}");
        }
    }
}

#[test]
fn nobody_else_does() {
    let header = encoded();
    for peer in [Some(STRANGER), None] {
        assert_eq!(settle(&rfc9440(), peer, None, &[("client-cert", &header)]).0, None, "{peer:?}");
        let kept = settle(&rfc9440(), peer, Some(OF_CONNECTION), &[("client-cert", &header)]).0;
        assert_eq!(kept, Some(OF_CONNECTION), "what the server found stays");
        let envoys = format!("Hash={}", hex(1));
        assert_eq!(settle(&envoy(), peer, None, &[("x-forwarded-client-cert", &envoys)]).0, None);
    }
    assert_eq!(settle(&layer(), Some(PROXY), None, &[("client-cert", &header)]).0, None, "nobody is trusted yet");
}

#[test]
fn the_proxys_own_certificate_is_not_the_clients() {
    for lines in [&[][..], &[("client-cert", "garbage")], &[("x-forwarded-client-cert", "garbage")]] {
        for layer in [rfc9440(), envoy()] {
            assert_eq!(settle(&layer, Some(PROXY), Some(OF_CONNECTION), lines).0, None, "{lines:?}");
        }
    }
    let header = encoded();
    assert_eq!(settle(&rfc9440(), Some(PROXY), Some(OF_CONNECTION), &[("client-cert", &header)]).0, Some(of_der()));
}

#[test]
fn of_two_headers_only_the_named_one_is_believed() {
    let (client_cert, xfcc) = (encoded(), format!("Hash={}", hex(1)));
    let lines: &[(&str, &str)] = &[("client-cert", &client_cert), ("x-forwarded-client-cert", &xfcc)];
    assert_eq!(settle(&rfc9440(), Some(PROXY), None, lines).0, Some(of_der()));
    assert_eq!(settle(&envoy(), Some(PROXY), None, lines).0, Some(ClientCertificate([1; 32])));
    assert_eq!(settle(&envoy(), Some(PROXY), None, &lines[..1]).0, None);
    let named = rfc9440().in_header(HeaderName::from_static("x-client-cert"));
    assert_eq!(settle(&named, Some(PROXY), None, lines).0, None);
    assert_eq!(settle(&named, Some(PROXY), None, &[("x-client-cert", &client_cert)]).0, Some(of_der()));
}

#[test]
fn the_header_never_goes_on_whoever_sent_it() {
    let header = encoded();
    let lines: &[(&str, &str)] =
        &[("client-cert", &header), ("client-cert", "x"), ("client_cert", "x"), ("Client_Cert", "x"), ("accept", "x")];
    for peer in [Some(PROXY), Some(STRANGER), None] {
        assert_eq!(settle(&rfc9440(), peer, None, lines).1, ["accept"], "{peer:?}");
        let lines: &[(&str, &str)] =
            &[("x-forwarded-client-cert", "x"), ("x_forwarded-client_cert", "x"), ("client-cert", "kept")];
        assert_eq!(settle(&envoy(), peer, None, lines).1, ["client-cert"], "{peer:?}");
    }
}

#[test]
fn two_lines_are_none() {
    let header = encoded();
    let twice = [("client-cert", &*header), ("client-cert", &*header)];
    assert_eq!(settle(&rfc9440(), Some(PROXY), None, &twice).0, None);
    let xfcc = format!("Hash={}", hex(1));
    let twice = [("x-forwarded-client-cert", &*xfcc), ("x-forwarded-client-cert", &*xfcc)];
    assert_eq!(settle(&envoy(), Some(PROXY), None, &twice).0, None);
}

#[test]
fn a_certificate_is_one_byte_sequence_and_nothing_else() {
    let good = BASE64_STANDARD.encode(DER);
    for bad in [
        String::new(),
        "::".to_owned(),
        ":".to_owned(),
        good.clone(),
        format!(":{good}"),
        format!("{good}:"),
        format!(":{good}:;a=1"),
        format!(":{good}:, :{good}:"),
        format!("::{good}::"),
        format!(":{}:", good.trim_end_matches('=')),
        format!(": {good}:"),
        format!(":{good}\u{e9}:"),
        format!(":{}:", "A".repeat(16 * 1024)),
        format!("\"{good}\""),
    ] {
        assert_eq!(settle(&rfc9440(), Some(PROXY), None, &[("client-cert", &bad)]).0, None, "{bad}");
    }
}

#[test]
fn envoys_last_element_names_the_clients_certificate() {
    let (one, two) = (hex(1), hex(0xab));
    for (text, found) in [
        (format!("Hash={one}"), 1),
        (format!("hash={}", two.to_uppercase()), 0xab),
        (format!("By=spiffe://x/y;Hash={one};Subject=\"CN=a,O=b;Hash={two}\";URI=spiffe://x/z"), 1),
        (format!("Hash={two},Hash={one}"), 1),
        (format!("By=x;Hash={two};Subject=\"\", By=y;Hash={one}"), 1),
        (format!("Subject=\"a\\\"b\\\\\";Hash={one}"), 1),
    ] {
        assert_eq!(hash(&text), Some([found; 32]), "{text}");
    }
}

#[test]
fn what_is_ambiguous_names_none() {
    let (one, two) = (hex(1), hex(2));
    for bad in [
        String::new(),
        ",".to_owned(),
        "By=x".to_owned(),
        "Hash=".to_owned(),
        "Hash".to_owned(),
        format!("Hash={}", &one[1..]),
        format!("Hash={one}0"),
        format!("Hash=\"{one}\""),
        format!("Hash= {one}"),
        format!("Hash={}zz", &one[2..]),
        format!("Hash={one};Hash={two}"),
        format!("Hash={one};hash={one}"),
        format!("Hash={one};"),
        format!("Hash={one},"),
        format!("Hash={one},By=x"),
        format!("Hash={one};By"),
        format!("Hash={one};Subject=\"x"),
        format!("Hash={one};Subject=\\x"),
        format!("Hash={one};Subject=\"\\x\""),
        // A client's element that leaves a quote open would make ours a part of it.
        format!("Hash={two};Subject=\",By=x;Hash={one};Subject=\"CN=a\""),
        format!("Hash={two};Subject=\"\\,By=x;Hash={one};Subject=\"CN=a\""),
    ] {
        assert_eq!(hash(&bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,80}") {
        let _ = hash(&text);
        for (layer, name) in [(rfc9440(), "client-cert"), (envoy(), "x-forwarded-client-cert")] {
            if HeaderValue::from_bytes(text.as_bytes()).is_ok() {
                let _ = settle(&layer, Some(PROXY), None, &[(name, &text)]);
            }
        }
    }

    /// Whatever a client sends, an element that a proxy appends names the certificate, or there is none.
    #[test]
    fn no_client_names_a_certificate_in_front_of_the_proxys(before in "([ -~]{0,12}|[\",;=\\\\]{0,6}|Hash=(02){32}){0,6}") {
        let ours = format!("By=x;Hash={};Subject=\"CN=a,Hash={}\"", hex(1), hex(3));
        let found = hash(&format!("{before},{ours}"));
        prop_assert!(found.is_none() || found == Some([1; 32]), "{before}: {found:?}");
    }
}
