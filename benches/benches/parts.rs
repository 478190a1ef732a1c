//! The parts by themselves, with criterion.
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;
use remint_benches::service::{poll_now, ten_headers};
use remint_benches::world::{Provider, api_keys, audience, internal, issuer};
use remint_cache::Fingerprinter;
use remint_core::{ClientId, CredentialRef, Environment, Identity, MintRequest, Slot, Subject, Timestamp};
use remint_credential::{Extractor, RequestHead};
use remint_jwt::{Algorithm, JwkSet, Jws};
use remint_verify::Verifier;
use sha2::{Digest, Sha256};

const KEY: &str = "rmt_live_0123456789abcdefghijABCDEFGHIJ012345abcdef";

fn extraction(c: &mut Criterion) {
    let extractor = Extractor::default();
    for (name, value) in [("jwt-900", format!("Bearer {}", "a".repeat(900))), ("key-50", format!("Api-Key {KEY}"))] {
        let headers = ten_headers(&value);
        let head = RequestHead::new(&Method::GET, "/", &headers);
        c.bench_function(&format!("extract/{name}"), |b| b.iter(|| extractor.extract(black_box(head)).unwrap()));
        let headers = ten_headers(&value.replace("aaa.", "a.."));
        let head = RequestHead { headers: &headers, ..head };
        c.bench_function(&format!("extract+check/{name}"), |b| {
            b.iter(|| black_box(extractor.credential(black_box(head))))
        });
    }
}

fn fingerprint(c: &mut Criterion) {
    let fingerprinter = Fingerprinter::new("internal", "").unwrap();
    for (name, text) in [("jwt-900", "a".repeat(900)), ("key-50", KEY.to_owned())] {
        let text = text.as_bytes();
        c.bench_function(&format!("fingerprint/{name}"), |b| {
            b.iter(|| fingerprinter.fingerprint(Slot::Bearer, black_box(text)));
        });
        c.bench_function(&format!("sha-256/{name}"), |b| b.iter(|| Sha256::digest(black_box(text))));
    }
}

fn tokens(c: &mut Criterion) {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA] {
        let provider = Provider::new(algorithm);
        let token = provider.token(1, 900);
        let key = JwkSet::parse(provider.jwks().as_bytes()).unwrap().find(None, algorithm).unwrap();
        c.bench_function(&format!("parse/{algorithm}"), |b| b.iter(|| Jws::parse(black_box(&token)).unwrap()));
        c.bench_function(&format!("parse+verify/{algorithm}"), |b| {
            b.iter(|| Jws::parse(black_box(&token)).unwrap().verify(&key).unwrap());
        });
        let issuer = issuer(algorithm);
        let identity = identity();
        c.bench_function(&format!("mint/{algorithm}"), |b| {
            b.iter(|| issuer.mint(&MintRequest::new(black_box(&identity), Timestamp::MAX)).unwrap());
        });
    }
}

fn downstream(c: &mut Criterion) {
    let issuer = issuer(Algorithm::Es256);
    let token = issuer.mint(&MintRequest::new(&identity(), Timestamp::MAX)).unwrap();
    let set = issuer.key_set();
    let verifier = |max_ttl| {
        let set = set.clone();
        let builder = Verifier::builder(internal(), audience()).max_ttl(max_ttl);
        poll_now(builder.local_keys(move || set.clone()).build()).unwrap()
    };
    let cached = verifier(std::time::Duration::from_secs(60));
    c.bench_function("downstream/cached", |b| {
        b.iter(|| poll_now(cached.verify(black_box(token.expose_secret()))).unwrap())
    });
    let cold = verifier(std::time::Duration::ZERO);
    c.bench_function("downstream/cold", |b| {
        b.iter(|| poll_now(cold.verify(black_box(token.expose_secret()))).unwrap())
    });
}

fn keys(c: &mut Criterion) {
    let (keys, text) = api_keys();
    c.bench_function("api-key/verify (memory store)", |b| b.iter(|| poll_now(keys.verify(black_box(&text))).unwrap()));
}

fn identity() -> Identity {
    let issuer = "https://idp.example".parse().unwrap();
    let subject: Subject = "alice".parse().unwrap();
    let credential = CredentialRef::Jwt { issuer, subject, id: Some("t1".parse().unwrap()), digest: None };
    let client: ClientId = "web".parse().unwrap();
    let mut identity = Identity::new("idp.example|alice".parse().unwrap(), Environment::Live, client, credential);
    identity.scopes = "jobs:read jobs:write".parse().unwrap();
    identity.tenant = Some("acme".parse().unwrap());
    identity
}

criterion_group!(parts, extraction, fingerprint, tokens, downstream, keys);
criterion_main!(parts);
