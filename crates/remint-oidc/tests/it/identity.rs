//! What is made of a token's claims.

use remint_core::{CredentialRef, DeniedKind, Environment, Slot, Target, TenantId};
use serde_json::json;

use crate::support::{ISSUER, Provider};

#[tokio::test]
async fn a_subject_is_its_issuers_and_cannot_be_a_user_of_ours() {
    let provider = Provider::new();
    let token = provider.sign(&provider.with(json!({ "jti": "t-1", "sid": "s-1", "azp": "web" })));
    let found = provider.edge(provider.trust().named("acme")).accepts(&token).await;
    assert_eq!(found.identity.subject.as_str(), "acme|alice");
    assert_eq!(found.identity.client.as_str(), "web");
    assert_eq!(found.identity.session.as_ref().map(|session| session.as_str()), Some("s-1"));
    let CredentialRef::Jwt { issuer, subject, id, .. } = &found.identity.credential else { unreachable!() };
    assert_eq!((issuer.as_str(), subject.as_str(), id.as_ref().map(|id| id.as_str())), (ISSUER, "alice", Some("t-1")));
    assert!(!found.identity.targets().iter().any(|target| matches!(target, Target::User(_))));
    let unnamed = provider.edge(provider.trust()).accepts(&token).await;
    assert_eq!(unnamed.identity.subject.as_str(), "idp.example|alice");
}

#[tokio::test]
async fn a_subject_may_hold_the_bar_itself() {
    let provider = Provider::new();
    let token = provider.sign(&provider.with(json!({ "sub": "auth0|5f7c" })));
    let found = provider.edge(provider.trust().named("acme")).accepts(&token).await;
    assert_eq!(found.identity.subject.as_str(), "acme|auth0|5f7c");
}

#[tokio::test]
async fn the_client_is_the_first_that_is_named_and_never_the_subject() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().named("acme"));
    for (claims, client) in [
        (json!({ "azp": "a", "client_id": "b", "appid": "c", "cid": "d" }), "a"),
        (json!({ "client_id": "b", "appid": "c", "cid": "d" }), "b"),
        (json!({ "appid": "c", "cid": "d" }), "c"),
        (json!({ "cid": "d" }), "d"),
        (json!({}), "acme|"),
        (json!({ "sub": "s".repeat(400) }), "acme|"),
    ] {
        let token = provider.sign(&provider.with(claims));
        for slot in [Slot::Bearer, Slot::Assertion] {
            assert_eq!(edge.accepts_in(slot, &token).await.identity.client.as_str(), client);
        }
    }
}

#[tokio::test]
async fn a_subject_by_another_claim_needs_no_sub_and_has_a_name_of_its_own() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().named("acme").subject_claim("upn"));
    let issuer = || ISSUER.parse().unwrap();
    for (sub, plain) in [
        (json!("s-1"), Some("s-1")),
        (json!(""), None),
        (json!(null), None),
        (json!(7), None),
        // Nobody takes the name by the claim of another.
        (json!("upn:bob@acme.example"), None),
    ] {
        let token = provider.sign(&provider.plus(json!({ "sub": sub, "upn": "alice@acme.example" })));
        let found = edge.accepts(&token).await;
        assert_eq!(found.identity.subject.as_str(), "acme|alice@acme.example", "{sub}");
        let CredentialRef::Jwt { subject, .. } = &found.identity.credential else { unreachable!() };
        assert_eq!(subject.as_str(), "upn:alice@acme.example", "{sub}");
        assert_eq!(found.plain_subject.as_ref().map(|subject| subject.as_str()), plain, "{sub}");
        let targets = found.targets();
        for name in [Some("upn:alice@acme.example"), plain].into_iter().flatten() {
            let target = Target::Subject { issuer: issuer(), subject: name.parse().unwrap() };
            assert!(targets.contains(&target), "{sub}: {name}");
        }
    }
    for upn in [json!(null), json!(""), json!(7), json!(["alice"]), json!("a\nb"), json!("a".repeat(509))] {
        let token = provider.sign(&provider.plus(json!({ "sub": "s-1", "upn": upn })));
        assert_eq!(edge.denies(&token).await, DeniedKind::Claim, "{upn}");
    }
    let token = provider.sign(&provider.with(json!({ "sub": null, "upn": "alice@acme.example" })));
    assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::Claim, "an assertion has a `sub`");
    let plain = provider.edge(provider.trust()).accepts(&provider.sign(&provider.claims())).await;
    assert_eq!(plain.plain_subject, None, "it is the name itself");
}

#[tokio::test]
async fn a_subject_that_is_missing_or_no_name_is_refused() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for sub in [json!(null), json!(""), json!(1), json!(["alice"]), json!("a\nb"), json!("a".repeat(513))] {
        let token = provider.sign(&provider.with(json!({ "sub": sub })));
        assert_eq!(edge.denies(&token).await, DeniedKind::Claim, "{sub}");
    }
}

#[tokio::test]
async fn claims_are_found_where_the_trust_says_they_are() {
    let provider = Provider::new();
    let trust = provider
        .trust()
        .named("acme")
        .environment(Environment::Test)
        .subject_claim("oid")
        .tenant_claim("org.id")
        .any_tenant()
        .scope_claims(["permissions"])
        .any_scope()
        .roles_claim("https://acme.example/roles")
        .any_role()
        .groups_claim("teams")
        .any_group()
        .client_claims(["cid"])
        .map_claim("plan", "app.plan")
        .map_claim("quota", "app.quota")
        .map_claim("absent", "app.absent");
    let found = provider
        .edge(trust)
        .accepts(&provider.sign(&provider.with(json!({
            "oid": "o-1", "org": { "id": "t-1" }, "permissions": ["read"], "https://acme.example/roles": ["admin"],
            "teams": "staff", "groups": "ignored", "cid": "web", "app": { "plan": "gold", "quota": { "rpm": 5 } },
            "scope": "write", "azp": "ignored", "realm_access": { "roles": ["ignored"] },
        }))))
        .await;
    let identity = found.identity;
    assert_eq!(identity.subject.as_str(), "acme|o-1");
    assert!(matches!(&identity.credential, CredentialRef::Jwt { subject, .. } if subject.as_str() == "oid:o-1"));
    assert_eq!(identity.tenant, Some(TenantId::new("t-1").unwrap()));
    assert_eq!(identity.environment, Environment::Test);
    assert_eq!(identity.scopes.to_string(), "read");
    assert_eq!(identity.client.as_str(), "web");
    assert_eq!((identity.roles, identity.groups), (vec!["admin".to_owned()], vec!["staff".to_owned()]));
    assert_eq!(json!(identity.ext), json!({ "plan": "gold", "quota": { "rpm": 5 } }));
}

#[tokio::test]
async fn roles_and_groups_come_from_where_keycloak_has_them_unless_mapped() {
    let provider = Provider::new();
    let token = provider.sign(&provider.with(json!({ "realm_access": { "roles": ["a", "b"] }, "groups": ["g"] })));
    let found = provider.edge(provider.trust().any_role().any_group()).accepts(&token).await;
    assert_eq!(
        (found.identity.roles, found.identity.groups),
        (vec!["a".to_owned(), "b".to_owned()], vec!["g".to_owned()])
    );
}

#[tokio::test]
async fn how_and_when_the_user_logged_in_is_taken_over() {
    let provider = Provider::new();
    let token =
        provider.sign(&provider.with(json!({ "auth_time": 1_767_225_000, "acr": "aal2", "amr": ["pwd", "otp"] })));
    let identity = provider.edge(provider.trust()).accepts(&token).await.identity;
    assert_eq!(identity.auth_time.map(|at| at.as_secs()), Some(1_767_225_000));
    assert_eq!(identity.acr.as_deref(), Some("aal2"));
    assert_eq!(identity.amr, ["pwd", "otp"]);
}

#[tokio::test]
async fn a_token_is_named_by_what_was_signed_not_by_its_text() {
    use sha2::{Digest, Sha256};

    let provider = Provider::new();
    let token = provider.sign(&provider.claims());
    let found = provider.edge(provider.trust()).accepts(&token).await;
    let signing_input = token.rsplit_once('.').unwrap().0;
    assert_eq!(found.also_named, [Target::SigningInput(Sha256::digest(signing_input).into())]);
}
