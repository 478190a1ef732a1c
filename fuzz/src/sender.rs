//! What proxies say of the client: its address and its certificate.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::http::{HeaderValue, Request};
use remint::{ClientAddr, ClientAddrLayer, ClientCertificate, ClientCertificateLayer, Network};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::wait;

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "203.0.113.7";

type Said = (Option<IpAddr>, Option<ClientCertificate>);

fn said(peer: &str, way: usize, lines: &[(&'static str, HeaderValue)]) -> Said {
    let proxy: Network = PROXY.parse().expect("a network");
    let peer: IpAddr = peer.parse().expect("an address");
    let address = ClientAddrLayer::peer(move |_| Some(peer));
    let certificate = ClientCertificateLayer::peer(move |_| Some(peer));
    let (address, certificate) = match way {
        0 => (address.trusting([proxy]), certificate.trusting([proxy])),
        _ => (address.trusting_forwarded([proxy]), certificate.trusting_envoy([proxy])),
    };
    let inner = service_fn(async |request: Request<()>| {
        let extensions = request.extensions();
        let address = extensions.get::<ClientAddr>().map(|client| client.0);
        Ok::<Said, Infallible>((address, extensions.get::<ClientCertificate>().copied()))
    });
    let mut request = Request::get("/").body(()).expect("a request");
    for (name, value) in lines {
        request.headers_mut().append(*name, value.clone());
    }
    match wait(address.layer(certificate.layer(inner)).oneshot(request)) {
        Ok(said) => said,
        Err(never) => match never {},
    }
}

/// The input is a header of the proxy's, or of whoever claims to be one.
pub fn holds(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    for name in ["x-forwarded-for", "forwarded", "client-cert", "x-forwarded-client-cert"] {
        for way in 0..2 {
            let (address, certificate) = said(STRANGER, way, &[(name, value.clone())]);
            // A stranger's header is no address and no certificate, whatever it says.
            assert!(address.is_none() || address == STRANGER.parse().ok(), "{name} {address:?}");
            assert_eq!(certificate, None, "{name}");
            let once = said(PROXY, way, &[(name, value.clone())]);
            assert_eq!(said(PROXY, way, &[(name, value.clone())]), once, "the same header says the same");
        }
    }
    // What the proxy appends decides, and nothing that was sent to it before.
    for (way, name, appended) in [(0, "x-forwarded-for", STRANGER), (1, "forwarded", "for=203.0.113.7")] {
        let (address, _) = said(PROXY, way, &[(name, value.clone()), (name, HeaderValue::from_static(appended))]);
        assert!(address.is_none() || address == STRANGER.parse().ok(), "{name} {address:?}");
    }
}
