use std::hint::black_box;

use remint_benches::measure::{Contestant, rounds};
use remint_benches::service::{Bare, call, poll_now, ten_headers};
use remint_benches::world::{Provider, issuer};
use remint_jwt::{Algorithm, JwkSet, Jws};
use remint_normalize::Normalizer;
use remint_tower::{Normalize, NormalizeLayer};
use tower::Layer;

use super::{rows, title};

const TOKENS: u32 = 4_000;

pub(crate) fn print() {
    title("A miss (verified, minted as ES256, stored) beside its cryptography");
    let signer = remint_jwt::SigningKey::generate(Algorithm::Es256).unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA] {
        let provider = Provider::new(algorithm);
        let key = JwkSet::parse(provider.jwks().as_bytes()).unwrap().find(None, algorithm).unwrap();
        let tokens: Vec<String> = (0..TOKENS).map(|number| provider.token(number, 900)).collect();
        let headers: Vec<_> = tokens.iter().map(|token| ten_headers(&format!("Bearer {token}"))).collect();
        let mut cold = Cold { provider: &provider, service: None, next: 0 };
        let issuer = issuer(Algorithm::Es256);
        let (mut at, mut bare_at) = (0, 0);
        let mut bare = Bare;
        let claims = serde_json::json!({"sub": "x".repeat(400)});
        let table = rounds(
            &mut [
                Contestant::new(format!("{algorithm}: the signature verified and one made"), || {
                    at = (at + 1) % tokens.len();
                    let (input, signature) = parts(&tokens[at]);
                    key.verify(input.as_bytes(), &signature).unwrap();
                    black_box(signer.sign("at+jwt", &claims).unwrap());
                }),
                Contestant::new(format!("{algorithm}: the bare service"), || {
                    bare_at = (bare_at + 1) % headers.len();
                    drop(black_box(call(&mut bare, &headers[bare_at])));
                }),
                Contestant::new(format!("{algorithm}: a miss through the layer"), || cold.miss(&headers)),
            ],
            21,
            20,
        );
        rows(&table, table[1].nanos);
        let (crypto, miss) = (table[0].nanos, table[2].nanos - table[1].nanos);
        println!("miss ÷ verify and sign: {:.2}\n", miss / crypto);
        black_box((issuer, poll_now(async {})));
        black_box(Jws::parse(&tokens[0]).unwrap());
    }
}

fn parts(token: &str) -> (&str, Vec<u8>) {
    use base64::Engine;
    let (input, signature) = token.rsplit_once('.').unwrap();
    (input, base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signature).unwrap())
}

/// An edge to which every request is new; when it has seen all tokens it is built anew.
struct Cold<'a> {
    provider: &'a Provider,
    service: Option<(Normalizer, Normalize<Bare>)>,
    next: usize,
}

impl Cold<'_> {
    fn miss(&mut self, headers: &[http::HeaderMap]) {
        if self.next == headers.len() {
            (self.service, self.next) = (None, 0);
        }
        let (_, service) = self.service.get_or_insert_with(|| {
            let normalizer = self.provider.line().build().unwrap();
            let service = NormalizeLayer::new(normalizer.clone()).layer(Bare);
            (normalizer, service)
        });
        assert_eq!(black_box(call(service, &headers[self.next])).status(), 200);
        self.next += 1;
    }
}
