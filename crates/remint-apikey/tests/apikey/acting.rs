//! For whom a key may act: what an administrator gave, no more and no less.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use remint_apikey::{NewKey, RotateKey};
use remint_core::{ActFor, AuditLog, Environment, Page, Scopes, TenantId, UserId};

use crate::support::{Bench, alice};

fn right() -> ActFor {
    ActFor {
        anyone: false,
        users: vec![UserId::new("bob").unwrap()],
        tenants: vec![TenantId::new("acme").unwrap()],
        scopes: Some("read".parse().unwrap()),
        environments: vec![Environment::Live],
    }
}

#[tokio::test]
async fn a_key_acts_for_nobody_unless_it_is_said() {
    let (bench, key, record) = Bench::with_a_key().await;
    assert_eq!(record.act_for, None);
    assert_eq!(bench.accepted(&key).await.act_for, None);
    let rotated = bench.keys.rotate(RotateKey::new(record.id)).await.unwrap();
    assert_eq!((rotated.new.act_for, bench.accepted(&rotated.key).await.act_for), (None, None));
    for (_, event) in bench.store.events(Page::all()).await.unwrap() {
        assert!(!event.detail.contains_key("act_for"), "{event:?}");
    }
}

#[tokio::test]
async fn for_whom_a_key_may_act_stands_beside_who_it_is() {
    let (bench, plain, _) = Bench::with_a_key().await;
    let new = NewKey::new(alice(), Environment::Live).acting_for(right());
    let (key, record) = bench.keys.create(new).await.unwrap();
    assert_eq!(record.act_for, Some(right()));
    let (acting, plain) = (bench.accepted(&key).await, bench.accepted(&plain).await);
    assert_eq!(acting.act_for, Some(right()));
    assert_eq!(acting.identity.subject, plain.identity.subject);
    assert_eq!(acting.identity.scopes, plain.identity.scopes);
    assert_eq!((acting.identity.actor, acting.identity.may_act), (None, None));
}

#[tokio::test]
async fn a_rotation_keeps_for_whom_a_key_may_act() {
    let (bench, ..) = Bench::with_a_key().await;
    for given in [right(), ActFor { scopes: Some(Scopes::new()), ..right() }, ActFor::default()] {
        let new = NewKey::new(alice(), Environment::Live).acting_for(given.clone());
        let (old_key, old) = bench.keys.create(new).await.unwrap();
        let rotated = bench.keys.rotate(RotateKey::new(old.id)).await.unwrap();
        assert_eq!((rotated.new.act_for, rotated.old.act_for), (Some(given.clone()), Some(given.clone())));
        for key in [old_key, rotated.key] {
            assert_eq!(bench.accepted(&key).await.act_for, Some(given.clone()));
        }
    }
}

#[tokio::test]
async fn what_was_given_is_on_the_record() {
    let (bench, ..) = Bench::with_a_key().await;
    let (_, old) = bench.keys.create(NewKey::new(alice(), Environment::Live).acting_for(right())).await.unwrap();
    bench.keys.rotate(RotateKey::new(old.id)).await.unwrap();
    let events = bench.store.events(Page::all()).await.unwrap();
    let told: Vec<_> = events.iter().filter_map(|(_, event)| event.detail.get("act_for")).collect();
    let expected = serde_json::to_value(right()).unwrap();
    assert_eq!(told, [&expected, &expected], "when it was made and when it was made anew");
}
