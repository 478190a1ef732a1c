use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use remint_apikey::{KeyFormat, Leak, MemoryStore, NewKey, NewUser, Peppers};
use remint_conformance::key_store::Severable;
use remint_core::{
    ApiKeyRecord, ApiKeyStore, Authenticator, Commit, Credential, CredentialForm, CredentialRef, DeniedKind,
    Environment, FoundKey, KeyId, Refusal, Roles, Slot, TenantChange, TenantId, Timestamp, UnavailableKind, UserChange,
};
use sha2::Sha256;

use crate::support::{Bench, alice, ask, is_out, pepper};

#[tokio::test]
async fn a_key_is_its_user() {
    let bench = Bench::new();
    let tenant = TenantId::new("acme").unwrap();
    let user = NewUser::new(alice()).with_tenant(tenant.clone()).with_scopes("read remint:admin".parse().unwrap());
    bench.keys.create_user(user).await.unwrap();
    let new = NewKey::new(alice(), Environment::Test).expiring_in(Duration::from_secs(60));
    let (key, record) = bench.keys.create(new).await.unwrap();

    let found = bench.accepted(&key).await;
    assert_eq!(found.identity.subject.as_str(), "alice");
    assert_eq!(found.identity.tenant, Some(tenant));
    assert_eq!(found.identity.environment, Environment::Test);
    assert_eq!(found.identity.scopes.to_string(), "read remint:admin");
    assert_eq!(found.identity.client.as_str(), record.id.as_str());
    assert_eq!(found.identity.credential, CredentialRef::ApiKey { id: record.id.clone() });
    assert_eq!(found.issued_at, record.created_at);
    assert_eq!(Some(found.expires_at), record.expires_at);
    assert!(found.also_named.is_empty());
    assert!(key.expose_secret().starts_with("rmt_test_") && record.start == key.start());
}

#[tokio::test]
async fn a_key_without_an_end_has_none() {
    let (bench, key, _) = Bench::with_a_key().await;
    bench.clock.advance(Duration::from_secs(100 * 365 * 86_400));
    assert_eq!(bench.accepted(&key).await.expires_at, Timestamp::MAX);
}

#[tokio::test]
async fn a_key_never_has_a_scope_that_its_user_lacks() {
    let bench = Bench::new();
    bench.sign_up().await;
    for (asked, given) in [("read", "read"), ("read remint:admin", "read"), ("remint:admin", ""), ("", "")] {
        let new = NewKey::new(alice(), Environment::Live).with_scopes(asked.parse().unwrap());
        let (key, _) = bench.keys.create(new).await.unwrap();
        assert_eq!(bench.accepted(&key).await.identity.scopes.to_string(), given, "{asked}");
    }
}

#[tokio::test]
async fn a_key_with_scopes_of_its_own_is_restricted_and_carries_no_roles_and_entitlements() {
    let bench = Bench::new();
    let user = NewUser::new(alice())
        .with_scopes("read".parse().unwrap())
        .with_roles(Roles::new(["editor", "viewer"]).unwrap())
        .with_entitlements(vec!["gpu".to_owned()]);
    bench.keys.create_user(user).await.unwrap();
    for (scopes, roles, entitlements) in
        [(None, vec!["editor", "viewer"], vec!["gpu"]), (Some("read"), vec![], vec![]), (Some(""), vec![], vec![])]
    {
        let mut new = NewKey::new(alice(), Environment::Live);
        if let Some(scopes) = scopes {
            new = new.with_scopes(scopes.parse().unwrap());
        }
        let (key, _) = bench.keys.create(new).await.unwrap();
        let found = bench.accepted(&key).await;
        assert_eq!(found.restricted, scopes.is_some());
        assert_eq!((found.identity.roles, found.identity.entitlements), (owned(&roles), owned(&entitlements)));
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn the_plan_of_a_key_is_its_users_or_else_their_tenants() {
    let bench = Bench::new();
    let acme = TenantId::new("acme").unwrap();
    let new = NewUser::new(alice()).with_tenant(acme.clone()).issuing([Environment::Live]);
    let keys = bench.keys.sign_up(new).await.unwrap().keys;
    let gold = TenantChange { enabled: None, plan: Some(Some("gold".parse().unwrap())) };
    bench.keys.change_tenant(&acme, &gold).await.unwrap();
    assert_eq!(bench.accepted(&keys[0].0).await.identity.plan, Some("gold".parse().unwrap()));
    let own = UserChange { plan: Some(Some("silver".parse().unwrap())), ..UserChange::default() };
    bench.keys.change_user(&alice(), &own).await.unwrap();
    assert_eq!(bench.accepted(&keys[0].0).await.identity.plan, Some("silver".parse().unwrap()));
}

#[tokio::test]
async fn a_jwt_is_left_to_another_authenticator() {
    let (bench, key, _) = Bench::with_a_key().await;
    let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, key.expose_secret());
    assert!(bench.keys.authenticator().authenticate(credential).await.unwrap().is_none());
}

#[tokio::test]
async fn a_text_of_another_prefix_is_left_to_another_authenticator() {
    let (bench, key, _) = Bench::with_a_key().await;
    for text in ["", "x", "ghp_abc", &key.expose_secret().replace("rmt_", "rmu_")] {
        assert!(bench.ask(text).await.unwrap().is_none());
    }
    assert_eq!(bench.store.finds(), 0);
}

#[tokio::test]
async fn a_mistyped_key_is_refused_without_a_look_up() {
    let (bench, key, _) = Bench::with_a_key().await;
    let text = key.expose_secret();
    let mut swapped = text.as_bytes().to_vec();
    swapped[20] = if swapped[20] == b'a' { b'b' } else { b'a' };
    let swapped = String::from_utf8(swapped).unwrap();
    for text in [&swapped, &text.replace("_live_", "_test_"), &text[..50], "rmt_", "rmt_live_"] {
        assert_eq!(bench.denied(text).await, DeniedKind::Structure);
        assert!(bench.keys.verify(text).await.is_err());
    }
    assert_eq!(bench.store.finds(), 0);
}

#[tokio::test]
async fn a_key_that_was_never_made_is_unknown() {
    let bench = Bench::new();
    let (elsewhere, key, _) = Bench::with_a_key().await;
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::UnknownApiKey);
    elsewhere.accepted(&key).await;
}

#[tokio::test]
async fn a_key_ends_at_the_very_millisecond() {
    let bench = Bench::new();
    bench.sign_up().await;
    let new = NewKey::new(alice(), Environment::Live).expiring_in(Duration::from_millis(1_500));
    let (key, _) = bench.keys.create(new).await.unwrap();
    bench.clock.advance(Duration::from_millis(1_499));
    bench.accepted(&key).await;
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Expired);
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Expired);
}

#[tokio::test]
async fn a_key_made_under_another_pepper_is_an_outage() {
    let (bench, key, _) = Bench::with_a_key().await;
    let other = Bench::over(bench.store.clone(), Peppers::new(pepper("second")));
    assert!(is_out(&other.ask(key.expose_secret()).await));
}

#[tokio::test]
async fn keys_survive_the_rotation_of_the_pepper_until_the_old_one_is_dropped() {
    let (bench, old_key, old_record) = Bench::with_a_key().await;
    let (unused, _) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    let rotated = bench.node(&["second", "first"]);
    bench.ten_minutes(&[&rotated]).await;
    rotated.accepted(&old_key).await;
    let (new_key, new_record) = rotated.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    rotated.accepted(&new_key).await;
    assert_eq!(&*old_record.digest.scheme, format!("hmac-sha256:{}", pepper("first").id()));
    assert_eq!(&*new_record.digest.scheme, format!("hmac-sha256:{}", pepper("second").id()));

    let dropped = bench.node(&["second"]);
    dropped.accepted(&new_key).await;
    dropped.accepted(&old_key).await;
    assert!(is_out(&dropped.ask(unused.expose_secret()).await), "it was dropped too early");
}

#[tokio::test]
async fn a_refused_key_costs_as_many_look_ups_as_one_that_never_was() {
    let peppers = || Peppers::new(pepper("third")).with_older(pepper("second")).with_older(pepper("first"));
    let bench = Bench::over(Severable::new(MemoryStore::new()), peppers());
    bench.sign_up().await;
    let (key, record) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    bench.keys.revoke(&record.id).await.unwrap();
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Revoked);
    assert_eq!(bench.store.finds(), 5, "three peppers, and all but the last once more");

    let (_, unknown, _) = Bench::with_a_key().await;
    assert_eq!(bench.denied(unknown.expose_secret()).await, DeniedKind::UnknownApiKey);
    assert_eq!(bench.store.finds(), 10);
}

#[tokio::test]
async fn a_key_that_is_refused_under_one_pepper_is_not_accepted_under_another() {
    let (bench, key, record) = Bench::with_a_key().await;
    // The same text under the newer pepper, as no code of ours would store it, and revoked.
    let mut twin = ApiKeyRecord { id: KeyId::new("key_twin").unwrap(), ..record };
    let newer = Hmac::<Sha256>::new_from_slice(b"second, a pepper of enough length").unwrap();
    twin.digest.bytes = newer.chain_update(key.expose_secret()).finalize().into_bytes().as_slice().into();
    twin.digest.scheme = format!("hmac-sha256:{}", pepper("second").id()).into();
    bench.store.insert(&[twin.clone()], Commit::default()).await.unwrap();
    let rotated = Bench::over(bench.store.clone(), Peppers::new(pepper("second")).with_older(pepper("first")));
    rotated.accepted(&key).await;
    rotated.keys.revoke(&twin.id).await.unwrap();
    assert_eq!(rotated.denied(key.expose_secret()).await, DeniedKind::Revoked);
}

#[tokio::test]
async fn an_outage_is_never_a_401() {
    let (bench, key, _) = Bench::with_a_key().await;
    bench.store.sever();
    for outcome in
        [bench.ask(key.expose_secret()).await.unwrap_err(), bench.keys.verify(key.expose_secret()).await.unwrap_err()]
    {
        assert!(matches!(&outcome, Refusal::Unavailable(why) if why.kind() == UnavailableKind::Store), "{outcome:?}");
    }
    bench.store.mend();
    bench.accepted(&key).await;
}

#[tokio::test]
async fn a_key_of_another_format_is_not_accepted() {
    let (bench, key, _) = Bench::with_a_key().await;
    let acme = bench.keys.clone().with_format(KeyFormat::new("acme").unwrap());
    assert!(ask(&acme, key.expose_secret()).await.unwrap().is_none());
    assert!(acme.verify(key.expose_secret()).await.is_err());
    let (acme_key, _) = acme.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    assert!(acme_key.expose_secret().starts_with("acme_live_"));
    assert!(ask(&acme, acme_key.expose_secret()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_store_that_gives_another_key_than_asked_for_lets_nobody_in() {
    let (bench, key, _) = Bench::with_a_key().await;
    let rotated = Bench::over(bench.store.clone(), Peppers::new(pepper("second")).with_older(pepper("first")));
    let (new, _) = rotated.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    let text = key.expose_secret();
    let changes: [fn(&mut FoundKey); 5] = [
        |found| found.key.digest.bytes[31] ^= 1,
        |found| found.key.digest.bytes = found.key.digest.bytes[..31].into(),
        |found| found.key.digest.bytes = Box::default(),
        |found| found.key.digest.scheme = "hmac-sha256:another".into(),
        |found| found.key.environment = Environment::Test,
    ];
    for change in changes {
        bench.accepted(&key).await;
        bench.store.tamper(change);
        assert_eq!(bench.denied(text).await, DeniedKind::UnknownApiKey);
        assert_eq!(rotated.denied(new.expose_secret()).await, DeniedKind::UnknownApiKey, "nor when asked once more");
        assert_eq!(bench.keys.report_leak(text, &Leak::default()).await.unwrap(), None, "nor is it a leak of that key");
        bench.store.tamper(|_as_it_is| {});
    }
}
