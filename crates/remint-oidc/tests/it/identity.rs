//! What is made of a token's claims.

use remint_core::{CredentialRef, DeniedKind, Environment, Target, TenantId};
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
async fn the_client_is_azp_then_client_id_then_the_subject() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for (claims, client) in
        [(json!({ "azp": "a", "client_id": "b" }), "a"), (json!({ "client_id": "b" }), "b"), (json!({}), "alice")]
    {
        let found = edge.accepts(&provider.sign(&provider.with(claims))).await;
        assert_eq!(found.identity.client.as_str(), client);
    }
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
    assert!(matches!(&identity.credential, CredentialRef::Jwt { subject, .. } if subject.as_str() == "alice"));
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
