use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use metrics_util::debugging::DebuggingRecorder;
use remint_core::{QuotaAnswer, QuotaCharge, QuotaCounter, QuotaTaken, Unavailable, UnavailableKind};
use remint_guard::{Caller, Denials, set_caller};
use remint_quota::{Limit, MemoryCounter, Per, Plan, Plans, Quota};
use remint_testkit::ManualClock;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::QuotaLayer;

type Answer = Response<Full<Bytes>>;

async fn inner(_: Request<()>) -> Result<Answer, Infallible> {
    let mut response = Response::new(Full::from("reached"));
    response.headers_mut().insert("ratelimit", HeaderValue::from_static("\"handler\";r=1"));
    response.headers_mut().append("ratelimit-policy", HeaderValue::from_static("\"handler\";q=1"));
    Ok(response)
}

fn limit(name: &str, quota: u64) -> Limit {
    Limit::new(name, quota, Duration::from_secs(60)).unwrap()
}

fn plans<const N: usize>(limits: [Limit; N]) -> Plans {
    Plans::new(Plan::new(limits).unwrap())
}

fn quota<const N: usize>(limits: [Limit; N]) -> (Quota, ManualClock) {
    let clock = ManualClock::default();
    (Quota::in_memory(plans(limits), clock.clone()), clock)
}

fn by(subject: &str) -> Request<()> {
    let mut request = Request::new(());
    request.extensions_mut().insert(<Caller>::for_test(subject).identity().clone());
    request
}

fn by_nobody() -> Request<()> {
    let mut request = Request::new(());
    set_caller(request.extensions_mut(), None);
    request
}

fn said(response: &Answer, name: &str) -> Vec<String> {
    response.headers().get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

async fn ask(service: impl Service<Request<()>, Response = Answer, Error = Infallible>, subject: &str) -> Answer {
    service.oneshot(by(subject)).await.unwrap()
}

/// A counter elsewhere: it answers later, or not at all.
#[derive(Debug)]
struct Elsewhere {
    counter: Arc<MemoryCounter>,
    is_down: bool,
    given_back: AtomicUsize,
}

impl Elsewhere {
    fn new(is_down: bool) -> Arc<Self> {
        let counter = Arc::new(MemoryCounter::new(ManualClock::default()));
        Arc::new(Self { counter, is_down, given_back: AtomicUsize::new(0) })
    }

    fn later<T: Send + 'static>(&self, answer: QuotaAnswer<T>) -> QuotaAnswer<T> {
        let QuotaAnswer::Now(answer) = answer else { unreachable!("it counts here") };
        let answer = if self.is_down { Err(Unavailable::new(UnavailableKind::QuotaCounter)) } else { answer };
        QuotaAnswer::Later(Box::pin(async move {
            tokio::task::yield_now().await;
            answer
        }))
    }
}

impl QuotaCounter for Elsewhere {
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken> {
        self.later(self.counter.take(charges))
    }

    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()> {
        self.given_back.fetch_add(1, Ordering::SeqCst);
        self.later(self.counter.give_back(charges))
    }
}

#[tokio::test]
async fn what_is_allowed_is_told_how_the_limits_stand() {
    let (quota, _) = quota([limit("user", 3), limit("day", 100)]);
    let service = QuotaLayer::new(quota).layer(service_fn(inner));
    let response = ask(service, "alice").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(said(&response, "ratelimit-policy"), [r#""user";q=3;w=60, "day";q=100;w=60"#]);
    assert_eq!(said(&response, "ratelimit"), [r#""user";r=2;t=20, "day";r=99;t=1"#], "not what the handler said");
}

#[tokio::test]
async fn what_is_refused_is_a_429_that_says_when_to_come_back() {
    let (quota, clock) = quota([limit("user", 1)]);
    let service = QuotaLayer::new(quota).layer(service_fn(inner));
    assert_eq!(ask(service.clone(), "alice").await.status(), StatusCode::OK);
    clock.advance(Duration::from_millis(500));
    let response = ask(service.clone(), "alice").await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(said(&response, "retry-after"), ["60"], "59.5 seconds, rounded up");
    assert_eq!(said(&response, "content-type"), ["application/problem+json"]);
    assert_eq!(said(&response, "ratelimit-policy"), [r#""user";q=1;w=60"#]);
    assert_eq!(said(&response, "ratelimit"), [r#""user";r=0;t=60"#]);
    assert_eq!(ask(service.clone(), "bob").await.status(), StatusCode::OK);
    clock.advance(Duration::from_millis(59_500));
    assert_eq!(ask(service, "alice").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_grpc_call_is_refused_in_grpcs_terms() {
    let (quota, _) = quota([limit("user", 1)]);
    let service = QuotaLayer::new(quota).layer(service_fn(inner));
    ask(service.clone(), "alice").await;
    let mut request = by("alice");
    as_grpc(&mut request);
    let response = service.oneshot(request).await.unwrap();
    assert_eq!((response.status(), said(&response, "grpc-status")), (StatusCode::OK, vec!["8".to_owned()]));
}

#[tokio::test]
async fn nobody_is_counted_who_is_not_signed_in() {
    let (quota, _) = quota([limit("user", 1)]);
    let service = QuotaLayer::new(quota).layer(service_fn(inner));
    for _ in 0..3 {
        let response = service.clone().oneshot(by_nobody()).await.unwrap();
        assert_eq!((response.status(), said(&response, "ratelimit").len()), (StatusCode::OK, 1));
    }
}

#[tokio::test]
async fn nested_layers_charge_each_limit_once_and_tell_of_all() {
    let (quota, _) = quota([limit("user", 10), limit("exports", 5).with_class("expensive")]);
    let layer = QuotaLayer::new(quota);
    let service = layer.clone().with_class("expensive").layer(layer.clone().layer(service_fn(inner)));
    let service = layer.clone().layer(layer.with_class("expensive").layer(service));
    let response = ask(service, "alice").await;
    assert_eq!(said(&response, "ratelimit"), [r#""exports";r=4;t=12"#, r#""user";r=9;t=6"#]);
    assert_eq!(said(&response, "ratelimit-policy"), [r#""exports";q=5;w=60"#, r#""user";q=10;w=60"#]);
}

#[tokio::test]
async fn a_layer_by_itself_charges_the_general_limits_too() {
    let (quota, _) = quota([limit("user", 10), limit("exports", 5).with_class("expensive")]);
    let response = ask(QuotaLayer::new(quota).with_class("expensive").layer(service_fn(inner)), "alice").await;
    assert_eq!(said(&response, "ratelimit"), [r#""user";r=9;t=6, "exports";r=4;t=12"#]);
}

#[tokio::test]
async fn a_request_refused_further_in_is_charged_to_nothing() {
    let limits = || [limit("user", 10), limit("exports", 1).with_class("expensive")];
    let elsewhere = Elsewhere::new(false);
    let remote = Quota::new(plans(limits()), Arc::<Elsewhere>::clone(&elsewhere));
    for quota in [quota(limits()).0, remote] {
        let layer = QuotaLayer::new(quota);
        let service = layer.clone().layer(layer.with_class("expensive").layer(service_fn(inner)));
        assert_eq!(said(&ask(service.clone(), "alice").await, "ratelimit")[1], r#""user";r=9;t=6"#);
        for _ in 0..3 {
            let response = ask(service.clone(), "alice").await;
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(said(&response, "ratelimit"), [r#""exports";r=0;t=60"#, r#""user";r=9;t=6"#]);
        }
    }
    assert_eq!(elsewhere.given_back.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn one_limit_that_refuses_leaves_the_others_untouched() {
    let (quota, _) = quota([limit("user", 10), limit("key", 1).per(Per::Key)]);
    let service = QuotaLayer::new(quota).layer(service_fn(inner));
    ask(service.clone(), "alice").await;
    for _ in 0..3 {
        let response = ask(service.clone(), "alice").await;
        assert_eq!(said(&response, "ratelimit"), [r#""user";r=9;t=6, "key";r=0;t=60"#]);
    }
}

#[tokio::test]
async fn a_counter_elsewhere_is_waited_for() {
    let quota = Quota::new(plans([limit("user", 1)]), Elsewhere::new(false));
    let service = QuotaLayer::new(quota).layer(service_fn(inner));
    let response = ask(service.clone(), "alice").await;
    assert_eq!((response.status(), &said(&response, "ratelimit")[0][..]), (StatusCode::OK, r#""user";r=0;t=60"#));
    assert_eq!(ask(service, "alice").await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_counter_that_does_not_answer_is_a_503_unless_that_was_waived() {
    let layer = QuotaLayer::new(Quota::new(plans([limit("user", 1)]), Elsewhere::new(true)));
    let response = ask(layer.clone().layer(service_fn(inner)), "alice").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(said(&response, "retry-after"), ["1"]);
    let mut call = by("alice");
    as_grpc(&mut call);
    let response = layer.clone().layer(service_fn(inner)).oneshot(call).await.unwrap();
    assert_eq!((response.status(), said(&response, "grpc-status")), (StatusCode::OK, vec!["14".to_owned()]));
    let open = layer.insecure_pass_when_unavailable().layer(service_fn(inner));
    assert_eq!(ask(open, "alice").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_request_may_cost_more_than_one() {
    let (quota, _) = quota([limit("user", 10)]);
    let service = QuotaLayer::new(quota).with_cost(7.try_into().unwrap()).layer(service_fn(inner));
    assert_eq!(said(&ask(service.clone(), "alice").await, "ratelimit"), [r#""user";r=3;t=42"#]);
    let response = ask(service, "alice").await;
    assert_eq!(
        (response.status(), said(&response, "retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, vec!["24".to_owned()])
    );
}

#[tokio::test]
async fn a_hook_shapes_the_429() {
    let (quota, _) = quota([limit("user", 1)]);
    let hook = |_: &remint_guard::DenialContext<'_>, _: Response<Bytes>| Response::new(Bytes::from("slow down"));
    let service = QuotaLayer::new(quota).with_denials(Denials::new().with_hook(hook)).layer(service_fn(inner));
    ask(service.clone(), "alice").await;
    let response = ask(service, "alice").await;
    assert_eq!((response.status(), said(&response, "ratelimit").len()), (StatusCode::TOO_MANY_REQUESTS, 1));
    let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    assert_eq!(body, "slow down");
}

#[tokio::test]
async fn an_error_of_the_handler_passes() {
    let (quota, _) = quota([limit("user", 1)]);
    let failing = service_fn(|_: Request<()>| ready(Err::<Answer, _>("no")));
    assert_eq!(QuotaLayer::new(quota).layer(failing).oneshot(by("alice")).await.unwrap_err(), "no");
}

#[tokio::test]
async fn a_refusal_is_counted_by_the_limit() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let (quota, _) = quota([limit("user", 1)]);
    let service = QuotaLayer::new(quota).layer(service_fn(inner));
    {
        let _guard = metrics::set_default_local_recorder(&recorder);
        ask(service.clone(), "alice").await;
        ask(service, "alice").await;
    }
    let counted: Vec<_> = snapshotter.snapshot().into_vec();
    let [(key, _, _, _)] = counted.as_slice() else { panic!("{counted:?}") };
    assert_eq!(key.key().name(), "remint_quota_refused_total");
    assert_eq!(key.key().labels().next().map(|label| (label.key(), label.value())), Some(("limit", "user")));
}

fn as_grpc<B>(request: &mut Request<B>) {
    *request.method_mut() = http::Method::POST;
    *request.version_mut() = http::Version::HTTP_2;
    request.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
}
