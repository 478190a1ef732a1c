//! A charge to budgets that are known allocates nothing. One test, in a process of its own: its allocator
//! counts.

use std::sync::Arc;
use std::time::Duration;

use remint_core::{CredentialRef, Environment, Identity, KeyId, QuotaAnswer, SystemClock};
use remint_quota::{Limit, Per, Plan, Plans, Quota};

#[test]
fn a_known_caller_is_charged_or_refused_without_an_allocation() {
    let limit = |name: &str| Limit::new(name, 100, Duration::from_secs(3600)).unwrap();
    let plan = Plan::new([limit("user"), limit("tenant").per(Per::Tenant), limit("key").per(Per::Key)]).unwrap();
    let quota = Quota::in_memory(Plans::new(plan), SystemClock);
    let credential = CredentialRef::ApiKey { id: KeyId::new("key_1").unwrap() };
    let client = "key_1".parse().unwrap();
    let mut alice = Identity::new("alice".parse().unwrap(), Environment::Live, client, credential);
    alice.tenant = Some("acme".parse().unwrap());
    let alice = Arc::new(alice);
    let ask = || {
        let draw = quota.draw(&alice, None, 1, None).unwrap();
        let QuotaAnswer::Now(taken) = draw.take() else { unreachable!("it counts here") };
        taken.unwrap().is_allowed()
    };
    assert!(ask());
    let measured = allocation_counter::measure(|| {
        assert!((1..100).all(|_| ask()));
        assert!((0..100).all(|_| !ask()));
    });
    assert_eq!(measured.count_total, 0);
}
