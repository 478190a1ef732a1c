use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{Request, Response};
use remint_core::{
    Page, SystemClock, Unavailable, UsageBatch, UsageCount, UsageFilter, UsageKey, UsageRow, UsageStore,
};
use remint_guard::{Caller, set_caller};
use remint_usage::{Meter, Units};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::MeterLayer;

#[derive(Debug, Default)]
struct Store(Mutex<Vec<UsageRow>>);

#[async_trait]
impl UsageStore for Store {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        self.0.lock().unwrap().extend_from_slice(&batch.rows);
        Ok(())
    }

    async fn usage(&self, _: &UsageFilter, _: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        unreachable!("a meter only writes")
    }
}

fn meter() -> (Meter, Arc<Store>) {
    let store = Arc::new(Store::default());
    (Meter::new(Arc::<Store>::clone(&store), SystemClock), store)
}

async fn counted(meter: &Meter, store: &Store) -> Vec<(String, UsageCount)> {
    meter.flush().await.unwrap();
    store.0.lock().unwrap().iter().map(|row| (row.key.subject.to_string(), row.count)).collect()
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

fn alice(requests: u64, units: u64) -> Vec<(String, UsageCount)> {
    vec![("alice".to_owned(), UsageCount { requests, units })]
}

#[tokio::test]
async fn a_request_is_worth_one_unit_unless_the_handler_says_otherwise() {
    let (meter, store) = meter();
    let plain =
        MeterLayer::new(meter.clone()).layer(service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(()))));
    plain.oneshot(by("alice")).await.unwrap();
    let reporting = MeterLayer::new(meter.clone()).layer(service_fn(async |_: Request<()>| {
        let mut response = Response::new(());
        response.extensions_mut().insert(Units(40));
        Ok::<_, Infallible>(response)
    }));
    reporting.oneshot(by("alice")).await.unwrap();
    assert_eq!(counted(&meter, &store).await, alice(2, 41));
}

#[tokio::test]
async fn nobody_is_counted_who_is_not_signed_in() {
    let (meter, store) = meter();
    let service = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    MeterLayer::new(meter.clone()).layer(service).oneshot(by_nobody()).await.unwrap();
    assert_eq!(counted(&meter, &store).await, []);
}

#[tokio::test]
async fn where_no_layer_has_looked_the_request_passes_uncounted() {
    let (meter, store) = meter();
    let service = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    MeterLayer::new(meter.clone()).layer(service).oneshot(Request::new(())).await.unwrap();
    assert_eq!(counted(&meter, &store).await, []);
}

#[tokio::test]
async fn a_request_that_fails_or_is_given_up_is_counted() {
    let (meter, store) = meter();
    let failing = service_fn(async |_: Request<()>| Err::<Response<()>, _>("no"));
    MeterLayer::new(meter.clone()).layer(failing).oneshot(by("alice")).await.unwrap_err();
    let hanging = service_fn(async |_: Request<()>| pending::<Result<Response<()>, Infallible>>().await);
    drop(MeterLayer::new(meter.clone()).layer(hanging).call(by("alice")));
    assert_eq!(counted(&meter, &store).await, alice(2, 2));
}
