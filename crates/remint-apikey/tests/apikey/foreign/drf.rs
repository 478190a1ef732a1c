use std::num::NonZeroUsize;
use std::time::Duration;

use remint_apikey::{Leak, NewKey};
use remint_core::{
    Authenticator, Credential, CredentialForm, DeniedKind, Environment, Refusal, Slot, TenantChange, TenantId,
    UnavailableKind, UserChange,
};

use super::{Made, QUICK, SHA512, SLOW, accepting, imported, unknown_of_ours};
use crate::support::alice;

#[tokio::test]
async fn keys_of_the_real_package_go_on_working() {
    let bench = accepting(&["remint", "drf"]).await;
    for made in [SHA512, SLOW, QUICK] {
        let record = imported(&bench, made.import()).await;
        let found = bench.ask(made.text).await.unwrap().unwrap();
        assert_eq!(found.identity.subject.as_str(), "alice");
        assert_eq!(found.identity.client.as_str(), record.id.as_str());
        assert_eq!(found.identity.environment, Environment::Live);
        assert_eq!(found.identity.scopes.to_string(), "read write");
    }
}

#[tokio::test]
async fn a_format_that_is_not_accepted_is_refused_without_a_look_up() {
    let bench = accepting(&["remint"]).await;
    imported(&bench, SHA512.import()).await;
    imported(&bench, QUICK.import()).await;
    for made in [SHA512, QUICK] {
        assert!(bench.ask(made.text).await.unwrap().is_none(), "another authenticator may know it");
        let refused = bench.keys.verify(made.text).await.unwrap_err();
        assert!(matches!(refused, Refusal::Denied(denied) if denied.kind() == DeniedKind::Structure));
        assert!(bench.keys.report_leak(made.text, &Leak::default()).await.unwrap().is_none());
    }
    assert_eq!(bench.store.finds(), 0);
}

#[tokio::test]
async fn keys_of_ours_can_be_refused_too() {
    let bench = accepting(&["drf"]).await;
    let (key, _) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    assert!(bench.ask(key.expose_secret()).await.unwrap().is_none());
    assert!(bench.keys.verify(key.expose_secret()).await.is_err());
    assert_eq!(bench.store.finds(), 0);
}

#[tokio::test]
async fn what_is_no_text_of_the_format_is_left_to_another_authenticator() {
    let bench = accepting(&["remint", "drf"]).await;
    for text in [&SHA512.text[..40], &SHA512.text[1..], "7rgLGFbo.", ".", &SHA512.text.replace('.', "-")] {
        assert!(bench.ask(text).await.unwrap().is_none(), "{text}");
    }
    let jwt = Credential::new(Slot::Bearer, CredentialForm::Jwt, SHA512.text);
    assert!(bench.keys.authenticator().authenticate(jwt).await.unwrap().is_none());
    assert_eq!(bench.store.finds(), 0);
}

#[tokio::test]
async fn another_secret_under_a_right_prefix_is_unknown() {
    let bench = accepting(&["remint", "drf"]).await;
    for made in [SHA512, QUICK] {
        imported(&bench, made.import()).await;
        assert_eq!(bench.denied(&made.wrong()).await, DeniedKind::UnknownApiKey);
        let swapped = made.text.replace(".l", ".L").replace(".D", ".d");
        assert_eq!(bench.denied(&swapped).await, DeniedKind::UnknownApiKey);
    }
    assert_eq!(bench.store.rehashed(), 0);
}

#[tokio::test]
async fn another_prefix_before_a_right_secret_is_unknown() {
    let bench = accepting(&["remint", "drf"]).await;
    imported(&bench, QUICK.import()).await;
    imported(&bench, SHA512.import()).await;
    let mixed = format!("{}.{}", &SHA512.text[..8], &QUICK.text[9..]);
    assert_eq!(bench.denied(&mixed).await, DeniedKind::UnknownApiKey);
}

#[tokio::test]
async fn of_two_keys_with_one_prefix_the_right_one_answers() {
    let bench = accepting(&["remint", "drf"]).await;
    // As two tables of that package may hold them.
    let twin = QUICK.hashed_key.replace("iK/1", "iK/2");
    let digest = remint_apikey::ForeignDigest::parse_django(&twin).unwrap();
    let twin = remint_apikey::ImportedKey::new(
        alice(),
        Environment::Test,
        &remint_apikey::TextFormat::Drf,
        &QUICK.text[..8],
        digest,
    );
    imported(&bench, twin.unwrap()).await;
    let right = imported(&bench, QUICK.import()).await;
    assert_eq!(bench.ask(QUICK.text).await.unwrap().unwrap().identity.client.as_str(), right.id.as_str());
}

#[tokio::test]
async fn a_revoked_key_is_refused() {
    let bench = accepting(&["remint", "drf"]).await;
    for (made, verdict) in [(SHA512, DeniedKind::Revoked), (QUICK, DeniedKind::UnknownApiKey)] {
        let record = imported(&bench, made.import()).await;
        bench.keys.revoke(&record.id).await.unwrap();
        assert_eq!(bench.denied(made.text).await, verdict);
    }
}

#[tokio::test]
async fn a_key_that_is_refused_under_one_scheme_is_not_accepted_under_a_slow_one() {
    let bench = accepting(&["drf"]).await;
    imported(&bench, SHA512.import().revoked()).await;
    // The same text, by Python's `hashlib.pbkdf2_hmac`.
    let hashed_key = "pbkdf2_sha256$1000$twin$gZg9ez1YFtgsSwijGFd9qGaCSuPRAazagphZGx7H4cw=";
    imported(&bench, Made { hashed_key, ..SHA512 }.import()).await;
    assert_eq!(bench.denied(SHA512.text).await, DeniedKind::Revoked);
}

#[tokio::test]
async fn a_key_that_was_revoked_where_it_came_from_is_refused() {
    let bench = accepting(&["remint", "drf"]).await;
    for (made, verdict) in [(SHA512, DeniedKind::Revoked), (QUICK, DeniedKind::UnknownApiKey)] {
        assert!(imported(&bench, made.import().revoked()).await.revoked_at.is_some());
        assert_eq!(bench.denied(made.text).await, verdict);
    }
}

#[tokio::test]
async fn a_key_ends_at_the_very_millisecond() {
    let bench = accepting(&["remint", "drf"]).await;
    let (_, now) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    let end = now.created_at.saturating_add(Duration::from_millis(1_500));
    for (made, verdict) in [(SHA512, DeniedKind::Expired), (QUICK, DeniedKind::UnknownApiKey)] {
        imported(&bench, made.import().expires_at(end)).await;
        bench.clock.set(end.saturating_sub(Duration::from_millis(1)));
        bench.store.set_rehash_out(true);
        assert_eq!(bench.ask(made.text).await.unwrap().unwrap().expires_at, end);
        bench.clock.set(end);
        assert_eq!(bench.denied(made.text).await, verdict);
        bench.clock.set(now.created_at);
    }
}

#[tokio::test]
async fn a_key_that_ends_while_it_is_hashed_is_refused() {
    let bench = accepting(&["drf"]).await;
    let now = imported(&bench, SHA512.import()).await.created_at;
    let end = now.saturating_add(Duration::from_millis(1));
    imported(&bench, SLOW.import().expires_at(end)).await;
    let (verdict, ()) = tokio::join!(bench.denied(SLOW.text), async { bench.clock.set(end) });
    assert_eq!(verdict, DeniedKind::Expired);
    assert_eq!(bench.store.rehashed(), 0);
}

#[tokio::test]
async fn keys_of_a_disabled_user_or_tenant_are_refused_until_they_are_enabled() {
    let bench = accepting(&["remint", "drf"]).await;
    let tenant = TenantId::new("acme").unwrap();
    let change = UserChange { tenant: Some(Some(tenant.clone())), ..UserChange::default() };
    bench.keys.change_user(&alice(), &change).await.unwrap();
    bench.store.set_rehash_out(true);
    for (made, user, of_tenant) in [
        (SHA512, DeniedKind::UserDisabled, DeniedKind::TenantDisabled),
        (QUICK, DeniedKind::UnknownApiKey, DeniedKind::UnknownApiKey),
    ] {
        imported(&bench, made.import()).await;
        bench.keys.set_user_enabled(&alice(), false).await.unwrap();
        assert_eq!(bench.denied(made.text).await, user);
        bench.keys.set_user_enabled(&alice(), true).await.unwrap();
        for (enabled, verdict) in [(false, Some(of_tenant)), (true, None)] {
            let change = TenantChange { enabled: Some(enabled), ..TenantChange::default() };
            bench.keys.change_tenant(&tenant, &change).await.unwrap();
            match verdict {
                Some(verdict) => assert_eq!(bench.denied(made.text).await, verdict),
                None => assert!(bench.ask(made.text).await.unwrap().is_some()),
            }
        }
    }
}

#[tokio::test]
async fn keys_of_a_deleted_user_are_unknown() {
    let bench = accepting(&["remint", "drf"]).await;
    for made in [SHA512, QUICK] {
        imported(&bench, made.import()).await;
    }
    bench.keys.delete_user(&alice()).await.unwrap();
    bench.sign_up().await;
    for made in [SHA512, QUICK] {
        assert_eq!(bench.denied(made.text).await, DeniedKind::UnknownApiKey);
    }
}

#[tokio::test]
async fn a_full_pool_is_an_outage_and_no_refusal() {
    let mut bench = accepting(&["remint", "drf"]).await;
    bench.keys = bench.keys.hashing_on(NonZeroUsize::MIN, 0);
    imported(&bench, SLOW.import()).await;
    imported(&bench, SHA512.import()).await;
    // The first takes the only place.
    let (first, second, fast, unknown) =
        tokio::join!(bench.ask(SLOW.text), bench.ask(SLOW.text), bench.ask(SHA512.text), bench.ask(QUICK.text),);
    assert!(first.unwrap().is_some());
    match second.unwrap_err() {
        Refusal::Unavailable(full) => {
            assert_eq!(full.kind(), UnavailableKind::Overloaded);
            assert!(full.retry_after() >= Duration::from_secs(1));
        }
        denied => panic!("{denied:?}"),
    }
    assert!(fast.unwrap().is_some(), "a fast digest needs no place");
    assert!(matches!(unknown, Err(Refusal::Denied(_))), "nor does what is refused without a hash");
    assert!(bench.ask(SLOW.text).await.unwrap().is_some());
}

#[tokio::test]
async fn an_outage_is_never_a_401() {
    let bench = accepting(&["remint", "drf"]).await;
    for made in [SHA512, QUICK] {
        imported(&bench, made.import()).await;
        bench.store.sever();
        let outcome = bench.ask(made.text).await.unwrap_err();
        assert!(matches!(&outcome, Refusal::Unavailable(why) if why.kind() == UnavailableKind::Store), "{outcome:?}");
        bench.store.mend();
        assert!(bench.ask(made.text).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_store_that_gives_another_key_than_asked_for_lets_nobody_in() {
    let bench = accepting(&["remint", "drf"]).await;
    for made in [SHA512, QUICK] {
        imported(&bench, made.import()).await;
    }
    let changes: [fn(&mut remint_core::FoundKey); 3] = [
        |found| found.key.digest.bytes[31] ^= 1,
        |found| found.key.digest.scheme = "sha1".into(),
        |found| found.key.digest = remint_core::KeyDigest { scheme: "pbkdf2_sha256$1$s".into(), bytes: Box::default() },
    ];
    for change in changes {
        bench.store.tamper(change);
        for made in [SHA512, QUICK] {
            assert_eq!(bench.denied(made.text).await, DeniedKind::UnknownApiKey);
        }
    }
    bench.store.tamper(|found| found.key.start = "L6ZD10Df".into());
    assert_eq!(bench.denied(QUICK.text).await, DeniedKind::UnknownApiKey);
}

#[tokio::test]
async fn a_leaked_text_ends_the_imported_key() {
    let bench = accepting(&["remint", "drf"]).await;
    for made in [SHA512, QUICK] {
        let record = imported(&bench, made.import()).await;
        assert!(bench.keys.report_leak(&made.wrong(), &Leak::default()).await.unwrap().is_none());
        let ended = bench.keys.report_leak(made.text, &Leak::default()).await.unwrap().unwrap();
        assert_eq!(ended.id, record.id);
        assert!(ended.revoked_at.is_some() && bench.ask(made.text).await.is_err());
        // A second report finds it too, though it is revoked.
        assert!(bench.keys.report_leak(made.text, &Leak::default()).await.unwrap().is_some());
    }
    assert!(bench.keys.report_leak(&unknown_of_ours().await, &Leak::default()).await.unwrap().is_none());
}
