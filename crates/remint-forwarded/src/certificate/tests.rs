use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use remint_core::ClientCertificate;
use sha2::{Digest, Sha256};

use super::ForwardedCertificate;
use super::xfcc::hash;

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "192.0.2.7";
const DER: &[u8] = b"a certificate in DER";
/// What the server's own TLS found.
const OF_CONNECTION: ClientCertificate = ClientCertificate([9; 32]);

fn rfc9440() -> ForwardedCertificate {
    ForwardedCertificate::new().trusting([PROXY.parse().unwrap()])
}

fn envoy() -> ForwardedCertificate {
    ForwardedCertificate::new().trusting_envoy([PROXY.parse().unwrap()])
}

/// The client's certificate, which is the same by a header map and by a list of lines.
fn stated(
    rule: &ForwardedCertificate,
    peer: Option<&str>,
    own: Option<ClientCertificate>,
    lines: &[(&str, &str)],
) -> Option<ClientCertificate> {
    let peer = peer.map(|peer| peer.parse::<IpAddr>().unwrap());
    let (mut map, mut list) = (HeaderMap::new(), Vec::new());
    for (name, value) in lines {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        list.push((name.as_bytes(), value.as_bytes()));
    }
    let certificate = rule.certificate(peer, own, &map);
    assert_eq!(rule.certificate(peer, own, &list[..]), certificate, "{lines:?}");
    certificate
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
            assert_eq!(stated(&rfc9440(), Some(peer), None, &[("client-cert", &value)]), Some(of_der()), "{peer}");
        }
    }
}

#[test]
fn nobody_else_does() {
    let header = encoded();
    for peer in [Some(STRANGER), None] {
        assert_eq!(stated(&rfc9440(), peer, None, &[("client-cert", &header)]), None, "{peer:?}");
        let kept = stated(&rfc9440(), peer, Some(OF_CONNECTION), &[("client-cert", &header)]);
        assert_eq!(kept, Some(OF_CONNECTION), "what the connection found stays");
        let envoys = format!("Hash={}", hex(1));
        assert_eq!(stated(&envoy(), peer, None, &[("x-forwarded-client-cert", &envoys)]), None);
    }
    assert_eq!(
        stated(&ForwardedCertificate::new(), Some(PROXY), None, &[("client-cert", &header)]),
        None,
        "nobody is trusted yet"
    );
}

#[test]
fn the_proxys_own_certificate_is_not_the_clients() {
    for lines in [&[][..], &[("client-cert", "garbage")], &[("x-forwarded-client-cert", "garbage")]] {
        for rule in [rfc9440(), envoy()] {
            assert_eq!(stated(&rule, Some(PROXY), Some(OF_CONNECTION), lines), None, "{lines:?}");
        }
    }
    let header = encoded();
    assert_eq!(stated(&rfc9440(), Some(PROXY), Some(OF_CONNECTION), &[("client-cert", &header)]), Some(of_der()));
}

#[test]
fn of_two_headers_only_the_named_one_is_believed() {
    let (client_cert, xfcc) = (encoded(), format!("Hash={}", hex(1)));
    let lines: &[(&str, &str)] = &[("client-cert", &client_cert), ("x-forwarded-client-cert", &xfcc)];
    assert_eq!(stated(&rfc9440(), Some(PROXY), None, lines), Some(of_der()));
    assert_eq!(stated(&envoy(), Some(PROXY), None, lines), Some(ClientCertificate([1; 32])));
    assert_eq!(stated(&envoy(), Some(PROXY), None, &lines[..1]), None);
    let named = rfc9440().in_header(HeaderName::from_static("x-client-cert"));
    assert_eq!(stated(&named, Some(PROXY), None, lines), None);
    assert_eq!(stated(&named, Some(PROXY), None, &[("x-client-cert", &client_cert)]), Some(of_der()));
}

#[test]
fn the_header_and_what_only_looks_like_it_are_known_by_their_names() {
    for name in ["client-cert", "client_cert", "Client_Cert", "CLIENT-CERT"] {
        assert!(rfc9440().is_header(name.as_bytes()) && !envoy().is_header(name.as_bytes()), "{name}");
    }
    for name in ["x-forwarded-client-cert", "x_forwarded-client_cert", "X-Forwarded-Client-Cert"] {
        assert!(envoy().is_header(name.as_bytes()) && !rfc9440().is_header(name.as_bytes()), "{name}");
    }
    for name in ["", "client-cer", "client-certs", "client+cert", "accept"] {
        assert!(!rfc9440().is_header(name.as_bytes()), "{name}");
    }
    let named = rfc9440().in_header(HeaderName::from_static("x_cert"));
    assert!(named.is_header(b"X-Cert") && !named.is_header(b"client-cert"));
}

#[test]
fn two_lines_are_none() {
    let header = encoded();
    let twice = [("client-cert", &*header), ("client-cert", &*header)];
    assert_eq!(stated(&rfc9440(), Some(PROXY), None, &twice), None);
    let xfcc = format!("Hash={}", hex(1));
    let twice = [("x-forwarded-client-cert", &*xfcc), ("x-forwarded-client-cert", &*xfcc)];
    assert_eq!(stated(&envoy(), Some(PROXY), None, &twice), None);
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
        assert_eq!(stated(&rfc9440(), Some(PROXY), None, &[("client-cert", &bad)]), None, "{bad}");
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
        for (rule, name) in [(rfc9440(), "client-cert"), (envoy(), "x-forwarded-client-cert")] {
            if HeaderValue::from_bytes(text.as_bytes()).is_ok() {
                let _ = stated(&rule, Some(PROXY), None, &[(name, &text)]);
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
