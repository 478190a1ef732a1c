use remint_benches::measure::{Contestant, rounds};
use remint_benches::service::{Bare, request, send, ten_headers};
use remint_benches::world::Provider;
use remint_jwt::{Algorithm, JwkSet};
use remint_tower::{Normalize, NormalizeLayer};
use tower::Layer;

use super::{rows, title};

const TOKENS: u32 = 4_000;

pub(crate) fn print() {
    title("A miss (verified, minted as ES256, stored) beside its cryptography");
    let signer = remint_jwt::SigningKey::generate(Algorithm::Es256).unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA] {
        let provider = Provider::new(algorithm);
        let keys = JwkSet::parse(provider.jwks().as_bytes()).unwrap().find(None, algorithm).unwrap();
        let key = keys.iter().next().unwrap();
        let tokens: Vec<String> = (0..TOKENS).map(|number| provider.token(number, 900)).collect();
        let headers: Vec<_> = tokens.iter().map(|token| ten_headers(&format!("Bearer {token}"))).collect();
        let claims = serde_json::json!({"sub": "x".repeat(400)});
        let (mut at, mut bare_at, mut cold_at) = (0, 0, 0);
        let (mut bare, mut cold) = (Bare, Cold { provider: &provider, service: None, left: 0 });
        let table = rounds(
            &mut [
                Contestant::on(
                    format!("{algorithm}: the signature verified and one made"),
                    || parts(next::<String>(&tokens, &mut at)),
                    |(input, signature)| {
                        key.verify(input.as_bytes(), &signature).unwrap();
                        signer.sign("at+jwt", &claims).unwrap()
                    },
                ),
                Contestant::on(
                    format!("{algorithm}: the bare service"),
                    || request(next(&headers, &mut bare_at)),
                    |sent| send(&mut bare, sent),
                ),
                Contestant::on(
                    format!("{algorithm}: a miss through the layer"),
                    || (cold.service(), request(next(&headers, &mut cold_at))),
                    |(mut service, sent)| {
                        let answer = send(&mut service, sent);
                        assert_eq!(answer.status(), 200);
                        (service, answer)
                    },
                ),
            ],
            21,
            20,
        );
        rows(&table, table[1].nanos);
        let (crypto, miss) = (table[0].nanos, table[2].nanos - table[1].nanos);
        println!("miss ÷ verify and sign: {:.2}\n", miss / crypto);
    }
}

fn next<'a, T>(items: &'a [T], at: &mut usize) -> &'a T {
    *at = (*at + 1) % items.len();
    &items[*at]
}

fn parts(token: &str) -> (&str, Vec<u8>) {
    use base64::Engine;
    let (input, signature) = token.rsplit_once('.').unwrap();
    (input, base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signature).unwrap())
}

/// An edge to which every request is new: when it has seen all tokens it is built anew.
struct Cold<'a> {
    provider: &'a Provider,
    service: Option<Normalize<Bare>>,
    left: u32,
}

impl Cold<'_> {
    fn service(&mut self) -> Normalize<Bare> {
        if self.left == 0 {
            (self.service, self.left) = (None, TOKENS);
        }
        self.left -= 1;
        let build = || NormalizeLayer::new(self.provider.line().build().unwrap()).layer(Bare);
        self.service.get_or_insert_with(build).clone()
    }
}
