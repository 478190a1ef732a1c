use std::sync::Arc;
use std::time::Duration;

use remint_apikey::MemoryStore;
use remint_benches::measure::{Contestant, rounds};
use remint_benches::service::{Bare, call, request, send, ten_headers};
use remint_benches::world::Provider;
use remint_core::SystemClock;
use remint_jwt::Algorithm;
use remint_quota::{Limit, Per, Plan, Plans};
use remint_tower::{Meter, MeterLayer, NormalizeLayer, Quota, QuotaLayer};
use tower::Layer;

use super::{rows, title};

pub(crate) fn print() {
    title("What metering and quota add to a cached hit (900-byte JWT; hot, one thread)");
    let provider = Provider::new(Algorithm::Rs256);
    let headers = ten_headers(&format!("Bearer {}", provider.token(1, 900)));
    let layer = NormalizeLayer::new(provider.line().build().unwrap());
    let meter = MeterLayer::new(Meter::new(Arc::new(MemoryStore::new()), SystemClock));
    let user = || limit("user");
    let (one, two) = (quota(vec![user()]), quota(vec![user(), limit("tenant").per(Per::Tenant)]));

    let mut bare = Bare;
    let mut plain = layer.layer(Bare);
    let mut metered = layer.layer(meter.layer(Bare));
    let mut with_one = layer.layer(one.layer(Bare));
    let mut with_two = layer.layer(two.layer(Bare));
    let mut with_all = layer.layer(two.layer(meter.layer(Bare)));
    assert_eq!(call(&mut plain, &headers).status(), 200);
    assert_eq!(call(&mut with_two, &headers).headers().len(), 2);
    let table = rounds(
        &mut [
            Contestant::on("the bare service", || request(&headers), |sent| send(&mut bare, sent)),
            Contestant::on("NormalizeLayer", || request(&headers), |sent| send(&mut plain, sent)),
            Contestant::on("… and MeterLayer", || request(&headers), |sent| send(&mut metered, sent)),
            Contestant::on("… and QuotaLayer, one limit", || request(&headers), |sent| send(&mut with_one, sent)),
            Contestant::on("… and QuotaLayer, two limits", || request(&headers), |sent| send(&mut with_two, sent)),
            Contestant::on("… and both", || request(&headers), |sent| send(&mut with_all, sent)),
        ],
        41,
        10,
    );
    rows(&table, table[1].nanos);
    let adds = |index: usize| table[index].nanos - table[1].nanos;
    println!("\nmetering adds {:.0} ns to a hit (to reach: at most 100)", adds(2));
    println!("a quota adds {:.0} ns with one limit, {:.0} ns with two; both add {:.0} ns", adds(3), adds(4), adds(5));
}

fn limit(name: &str) -> Limit {
    Limit::new(name, 1_000_000_000, Duration::from_secs(1)).unwrap()
}

fn quota(limits: Vec<Limit>) -> QuotaLayer {
    let plans = Plans::new(Plan::new(limits).unwrap());
    QuotaLayer::new(Quota::in_memory(plans, SystemClock))
}
