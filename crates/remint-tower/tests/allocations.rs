//! A hit through the layer is one allocation: the identity's place in the extensions. Denials that something shapes are
//! a second one.

use std::convert::Infallible;

use allocation_counter::measure;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use remint_normalize::Normalizer;
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_tower::{Denials, NormalizeLayer};
use tower::{Layer, Service, service_fn};

#[tokio::test]
async fn a_hit_through_the_layer_is_one_allocation() {
    let known = FakeAuthenticator::new();
    known.answer("good", Ok(api_key_of("alice")));
    let clock = ManualClock::default();
    let (issuer, audience) = ("https://auth.internal".parse().unwrap(), "internal".parse().unwrap());
    let builder = Normalizer::builder(issuer, audience, FakeIssuer::new(clock.clone()));
    let normalizer = builder.authenticator(known).clock(clock).build().unwrap();
    let request = || {
        let mut request = Request::get("/").header("x-api-key", "good").body(()).unwrap();
        // As behind a server, whose extensions are in use, and with room for `Authorization`.
        request.extensions_mut().insert(1_u8);
        request.headers_mut().reserve(4);
        request
    };
    let plain = NormalizeLayer::new(normalizer);
    let shaped = plain.clone().with_denials(Denials::new().with_realm("jobs").unwrap());
    for (layer, expected) in [(plain, 1), (shaped, 2)] {
        let mut service = layer.layer(service_fn(|request: Request<()>| {
            std::mem::forget(request);
            std::future::ready(Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())))
        }));
        // The thread's own copy is made for a credential that comes twice in a row.
        for _ in 0..3 {
            service.call(request()).await.unwrap();
        }
        let sent = request();
        let mut answer = None;
        let allocated = measure(|| answer = Some(service.call(sent)));
        assert_eq!(allocated.count_total, expected);
        assert_eq!(answer.unwrap().await.unwrap().status(), 200);
    }
}
