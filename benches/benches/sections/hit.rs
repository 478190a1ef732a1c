use std::hint::black_box;

use remint_benches::measure::{Contestant, rounds};
use remint_benches::peers::{Decode, resource_server};
use remint_benches::service::{Bare, call, request, send, ten_headers};
use remint_benches::world::{Provider, api_keys};
use remint_cache::Fingerprinter;
use remint_core::Slot;
use remint_jwt::Algorithm;
use remint_normalize::Progress;
use remint_tower::NormalizeLayer;
use sha2::{Digest, Sha256};
use tower::Layer;

use super::{rows, title};

pub(crate) fn print(runtime: &tokio::runtime::Runtime) {
    title("A cached hit (hot, one thread, ten headers, extensions in use)");
    let (rsa, ecdsa) = (Provider::new(Algorithm::Rs256), Provider::new(Algorithm::Es256));
    let (rsa_token, ecdsa_token) = (rsa.token(1, 900), ecdsa.token(1, 900));
    let (keys, key) = api_keys();
    let normalizer = rsa.line().authenticator(keys.authenticator()).build().unwrap();
    let layer = NormalizeLayer::new(normalizer.clone());
    let (jwt, api_key) = (ten_headers(&format!("Bearer {rsa_token}")), ten_headers(&format!("Api-Key {key}")));
    let ecdsa_jwt = ten_headers(&format!("Bearer {ecdsa_token}"));

    let (mut bare, mut with_jwt, mut with_key) = (Bare, layer.layer(Bare), layer.layer(Bare));
    let mut decode_rsa = Decode::new(Bare, &rsa, jsonwebtoken::Algorithm::RS256);
    let mut decode_ecdsa = Decode::new(Bare, &ecdsa, jsonwebtoken::Algorithm::ES256);
    let mut peer_rsa = runtime.block_on(resource_server(&rsa)).layer(Bare);
    let mut peer_ecdsa = runtime.block_on(resource_server(&ecdsa)).layer(Bare);
    for (service, headers) in [(&mut with_jwt, &jwt), (&mut with_key, &api_key)] {
        assert_eq!(call(service, headers).status(), 200);
    }
    assert_eq!(call(&mut decode_rsa, &jwt).status(), 200);
    assert_eq!(call(&mut decode_ecdsa, &ecdsa_jwt).status(), 200);
    assert_eq!(call(&mut peer_rsa, &jwt).status(), 200);
    assert_eq!(call(&mut peer_ecdsa, &ecdsa_jwt).status(), 200);

    let fingerprinter = Fingerprinter::new("internal", "").unwrap();
    let begin = |headers: &http::HeaderMap| {
        let head = remint_normalize::RequestHead::new(&http::Method::GET, "/", headers);
        match normalizer.begin(head) {
            Progress::Hit(pass, _) => drop(black_box(pass)),
            Progress::Miss(..) | Progress::Anonymous(_) | Progress::Rejected(_) => unreachable!("it is cached"),
        }
    };
    let table = rounds(
        &mut [
            Contestant::on("the bare service", || request(&jwt), |sent| send(&mut bare, sent)),
            Contestant::on("layer, 900-byte JWT", || request(&jwt), |sent| send(&mut with_jwt, sent)),
            Contestant::on("layer, 50-byte API key", || request(&api_key), |sent| send(&mut with_key, sent)),
            Contestant::on("jsonwebtoken::decode by hand, RS256", || request(&jwt), |sent| send(&mut decode_rsa, sent)),
            Contestant::on(
                "jsonwebtoken::decode by hand, ES256",
                || request(&ecdsa_jwt),
                |sent| send(&mut decode_ecdsa, sent),
            ),
            Contestant::on("tower-oauth2-resource-server, RS256", || request(&jwt), |sent| send(&mut peer_rsa, sent)),
            Contestant::on(
                "tower-oauth2-resource-server, ES256",
                || request(&ecdsa_jwt),
                |sent| send(&mut peer_ecdsa, sent),
            ),
        ],
        41,
        10,
    );
    let base = table[0].nanos;
    rows(&table, base);
    let over = |index: usize| table[index].nanos - base;
    println!(
        "\nthe decode middleware costs {:.0} × (RS256), {:.0} × (ES256) what a hit costs",
        over(3) / over(1),
        over(4) / over(1)
    );
    println!(
        "the best peer costs {:.0} × (RS256), {:.0} × (ES256)",
        over(3).min(over(5)) / over(1),
        over(4).min(over(6)) / over(1)
    );

    title("Its parts, as functions");
    let table = rounds(
        &mut [
            Contestant::new("Normalizer::begin, 900-byte JWT", || begin(&jwt)),
            Contestant::new("Normalizer::begin, 50-byte API key", || begin(&api_key)),
            Contestant::new("fingerprint, 900 bytes", || {
                black_box(fingerprinter.fingerprint(Slot::Bearer, black_box(rsa_token.as_bytes())));
            }),
            Contestant::new("fingerprint, 50 bytes", || {
                black_box(fingerprinter.fingerprint(Slot::Bearer, black_box(key.as_bytes())));
            }),
            Contestant::new("for comparison: SHA-256, 900 bytes", || {
                black_box(Sha256::digest(black_box(rsa_token.as_bytes())));
            }),
            Contestant::new("for comparison: SHA-256, 50 bytes", || {
                black_box(Sha256::digest(black_box(key.as_bytes())));
            }),
        ],
        21,
        10,
    );
    rows(&table, 0.0);
    println!(
        "\nlayer over bare ÷ SHA-256 of the same bytes: {:.2} (JWT), {:.2} (key)",
        over(1) / table[4].nanos,
        over(2) / table[5].nanos
    );
}
