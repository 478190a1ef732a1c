//! Which limits a request is charged to, and what its caller is told.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use remint_core::{CredentialRef, Environment, Identity, KeyId, PlanName, QuotaAnswer};
use remint_quota::{Charged, Limit, Per, Plan, Plans, Quota, Report};
use remint_testkit::ManualClock;

fn limit(name: &str, quota: u64) -> Limit {
    Limit::new(name, quota, Duration::from_secs(60)).unwrap()
}

fn quota(plans: Plans) -> (Quota, ManualClock) {
    let clock = ManualClock::default();
    (Quota::in_memory(plans, clock.clone()), clock)
}

fn plan<const N: usize>(limits: [Limit; N]) -> Plan {
    Plan::new(limits).unwrap()
}

fn by_key(subject: &str, key: &str) -> Identity {
    let credential = CredentialRef::ApiKey { id: KeyId::new(key).unwrap() };
    Identity::new(subject.parse().unwrap(), Environment::Live, key.parse().unwrap(), credential)
}

fn of(mut identity: Identity, tenant: &str) -> Identity {
    identity.tenant = Some(tenant.parse().unwrap());
    identity
}

fn on(mut identity: Identity, plan: &str) -> Identity {
    identity.plan = Some(PlanName::new(plan).unwrap());
    identity
}

/// `None`: not limited.
fn ask(quota: &Quota, identity: &Identity, class: Option<&str>) -> Option<Report> {
    let draw = quota.draw(&Arc::new(identity.clone()), class, 1, None)?;
    let QuotaAnswer::Now(taken) = draw.take() else { unreachable!("it counts here") };
    Some(Report::new(draw, taken.unwrap()))
}

fn is_allowed(quota: &Quota, identity: &Identity) -> bool {
    ask(quota, identity, None).is_none_or(|report| report.is_allowed())
}

fn told(report: &Report) -> (String, String) {
    let mut headers = HeaderMap::new();
    report.write(&mut headers, false);
    let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    (text("ratelimit-policy"), text("ratelimit"))
}

#[test]
fn all_of_a_users_keys_share_one_budget() {
    let (quota, _) = quota(Plans::new(plan([limit("user", 2)])));
    assert!(is_allowed(&quota, &by_key("alice", "key_1")));
    assert!(is_allowed(&quota, &by_key("alice", "key_2")));
    assert!(!is_allowed(&quota, &by_key("alice", "key_3")));
    assert!(is_allowed(&quota, &by_key("bob", "key_4")));
}

#[test]
fn all_users_of_a_tenant_share_one_budget_and_who_has_none_is_not_counted() {
    let (quota, _) = quota(Plans::new(plan([limit("tenant", 1).per(Per::Tenant)])));
    assert!(is_allowed(&quota, &of(by_key("alice", "key_1"), "acme")));
    assert!(!is_allowed(&quota, &of(by_key("bob", "key_2"), "acme")));
    assert!(is_allowed(&quota, &of(by_key("eve", "key_3"), "umbrella")));
    assert!(ask(&quota, &by_key("mallory", "key_4"), None).is_none());
}

#[test]
fn a_limit_per_key_is_each_keys_own_and_not_a_tokens() {
    let (quota, _) = quota(Plans::new(plan([limit("key", 1).per(Per::Key)])));
    assert!(is_allowed(&quota, &by_key("alice", "key_1")));
    assert!(!is_allowed(&quota, &by_key("alice", "key_1")));
    assert!(is_allowed(&quota, &by_key("alice", "key_2")));
    let issuer = "https://idp.example".parse().unwrap();
    let credential = CredentialRef::Jwt { issuer, subject: "alice".parse().unwrap(), id: None, digest: None };
    let token = Identity { credential, ..by_key("alice", "web") };
    assert!(ask(&quota, &token, None).is_none());
}

#[test]
fn a_plan_replaces_the_default_plan_and_an_unknown_one_does_not() {
    let plans = Plans::new(plan([limit("user", 1)])).with_plan("pro".parse().unwrap(), plan([limit("user", 3)]));
    let (quota, _) = quota(plans.with_plan("unlimited".parse().unwrap(), plan([])));
    let policy = |identity| ask(&quota, &identity, None).map(|report| told(&report).0);
    assert_eq!(policy(by_key("a", "k")).unwrap(), r#""user";q=1;w=60"#);
    assert_eq!(policy(on(by_key("b", "k"), "pro")).unwrap(), r#""user";q=3;w=60"#);
    assert_eq!(policy(on(by_key("c", "k"), "gone")).unwrap(), r#""user";q=1;w=60"#);
    assert_eq!(policy(on(by_key("d", "k"), "unlimited")), None);
}

#[test]
fn another_plan_with_a_limit_of_the_same_name_goes_on_with_the_same_budget() {
    let plans = Plans::new(plan([limit("user", 2)])).with_plan("pro".parse().unwrap(), plan([limit("user", 60)]));
    let (quota, clock) = quota(plans);
    let alice = by_key("alice", "key_1");
    assert!(is_allowed(&quota, &alice) && is_allowed(&quota, &alice) && !is_allowed(&quota, &alice));
    let promoted = on(alice, "pro");
    assert!(!is_allowed(&quota, &promoted), "a new plan is no new budget");
    clock.advance(Duration::from_secs(1));
    assert!(is_allowed(&quota, &promoted), "which refills as the new plan says");
}

#[test]
fn a_class_has_limits_of_its_own_beside_the_general_ones() {
    let (quota, _) = quota(Plans::new(plan([limit("user", 3), limit("exports", 1).with_class("expensive")])));
    let alice = by_key("alice", "key_1");
    let class = Some("expensive");
    assert_eq!(
        told(&ask(&quota, &alice, class).unwrap()),
        (r#""user";q=3;w=60, "exports";q=1;w=60"#.to_owned(), r#""user";r=2;t=20, "exports";r=0;t=60"#.to_owned())
    );
    let refused = ask(&quota, &alice, class).unwrap();
    assert_eq!(refused.violated().collect::<Vec<_>>(), ["exports"]);
    assert_eq!(refused.retry_after(), Duration::from_secs(60));
    // The refused request took nothing of the general limit, and other classes are free.
    assert_eq!(told(&ask(&quota, &alice, Some("cheap")).unwrap()).1, r#""user";r=1;t=40"#);
    assert_eq!(told(&ask(&quota, &alice, None).unwrap()).1, r#""user";r=0;t=60"#);
}

#[test]
fn a_request_is_charged_to_each_limit_once_however_many_layers_ask() {
    let plans = || Plans::new(plan([limit("user", 10), limit("exports", 10).with_class("expensive")]));
    let ((one, _), (other, _)) = (quota(plans()), quota(plans()));
    let alice = Arc::new(by_key("alice", "key_1"));
    let outer = one.draw(&alice, None, 1, None).unwrap();
    let charged = Charged::and(None, &outer);
    assert!(one.draw(&alice, None, 1, Some(&charged)).is_none());
    let inner = one.draw(&alice, Some("expensive"), 1, Some(&charged)).unwrap();
    let QuotaAnswer::Now(taken) = inner.take() else { unreachable!("it counts here") };
    assert_eq!(told(&Report::new(inner.clone(), taken.unwrap())).0, r#""exports";q=10;w=60"#);
    let charged = Charged::and(Some(&charged), &inner);
    assert!(one.draw(&alice, Some("expensive"), 1, Some(&charged)).is_none());
    // Another quota counts by itself, and neither forgets the other.
    let others = other.draw(&alice, None, 1, Some(&charged)).unwrap();
    let charged = Charged::and(Some(&charged), &others);
    assert!(other.draw(&alice, None, 1, Some(&charged)).is_none());
    assert!(one.draw(&alice, Some("expensive"), 1, Some(&charged)).is_none());
}

#[test]
fn what_is_told_replaces_a_handlers_words_and_stands_beside_other_layers() {
    let (quota, _) = quota(Plans::new(plan([limit("user", 3)])));
    let report = ask(&quota, &by_key("alice", "key_1"), None).unwrap();
    let said = || {
        HeaderMap::from_iter([("ratelimit", "ratelimit-policy")].into_iter().flat_map(|(one, other)| {
            [
                (one.parse().unwrap(), HeaderValue::from_static("x")),
                (other.parse().unwrap(), HeaderValue::from_static("y")),
            ]
        }))
    };
    let mut headers: HeaderMap = said();
    report.write(&mut headers, false);
    assert_eq!((headers.len(), &headers["ratelimit"]), (2, &HeaderValue::from_static(r#""user";r=2;t=20"#)));
    let mut headers: HeaderMap = said();
    report.write(&mut headers, true);
    assert_eq!(headers.get_all("ratelimit").iter().count(), 2);
}

#[test]
fn what_is_given_back_can_be_taken_again() {
    let (quota, _) = quota(Plans::new(plan([limit("user", 1)])));
    let alice = by_key("alice", "key_1");
    let mut report = ask(&quota, &alice, None).unwrap();
    assert!(!is_allowed(&quota, &alice));
    assert!(matches!(report.give_back(), QuotaAnswer::Now(Ok(()))));
    assert_eq!(told(&report).1, r#""user";r=1;t=0"#);
    assert!(is_allowed(&quota, &alice));
}
