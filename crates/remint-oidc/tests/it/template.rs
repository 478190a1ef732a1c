//! One trust for the issuers of many tenants.

use remint_core::{CredentialRef, DeniedKind};
use remint_oidc::Trust;
use serde_json::{Value, json};

use crate::support::{AUDIENCE, Edge, FakeHttp, Provider};

const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";
const A: &str = "aaaaaaaa-0000-0000-0000-000000000001";
const B: &str = "bbbbbbbb-0000-0000-0000-000000000002";

fn issuer(tenant: &str) -> String {
    TEMPLATE.replace("{tenantid}", tenant)
}

fn claims(provider: &Provider, iss: &str, tid: Value) -> Value {
    provider.with(json!({ "iss": issuer(iss), "tid": tid }))
}

async fn edge(provider: &Provider, trust: Trust, jwks: Value) -> Edge {
    let http = FakeHttp::new();
    http.discovery("https://login.example/common/v2.0", TEMPLATE, jwks);
    let edge = Edge::new([trust.named("entra")], http, &provider.clock);
    edge.0.start().await;
    edge
}

fn trust() -> Trust {
    Trust::oidc(TEMPLATE, AUDIENCE)
}

#[tokio::test]
async fn tenants_share_the_keys_and_keep_their_names() {
    let provider = Provider::new();
    let edge = edge(&provider, trust().tenants([A, B]), provider.jwks().to_json()).await;
    for tenant in [A, B] {
        let found = edge.accepts(&provider.sign(&claims(&provider, tenant, json!(tenant)))).await;
        assert_eq!(found.identity.tenant.unwrap().as_str(), tenant);
        assert_eq!(found.identity.subject.as_str(), "entra|alice");
        let CredentialRef::Jwt { issuer: named, .. } = found.identity.credential else { unreachable!() };
        assert_eq!(named.as_str(), issuer(tenant));
    }
}

#[tokio::test]
async fn the_tenant_claim_must_be_the_issuers_segment() {
    let provider = Provider::new();
    for trust in [trust().tenants([A, B]), trust().any_tenant()] {
        let edge = edge(&provider, trust, provider.jwks().to_json()).await;
        for tid in [json!(B), json!(A.to_uppercase()), json!("common"), Value::Null] {
            let token = provider.sign(&claims(&provider, A, tid.clone()));
            assert_eq!(edge.denies(&token).await, DeniedKind::Tenant, "{tid}");
        }
        for tid in [json!(1), json!([A]), json!("")] {
            let token = provider.sign(&claims(&provider, A, tid.clone()));
            assert_eq!(edge.denies(&token).await, DeniedKind::Claim, "{tid}");
        }
    }
}

#[tokio::test]
async fn a_tenant_outside_the_list_is_refused() {
    let provider = Provider::new();
    let edge = edge(&provider, trust().tenants([A]), provider.jwks().to_json()).await;
    edge.accepts(&provider.sign(&claims(&provider, A, json!(A)))).await;
    assert_eq!(edge.denies(&provider.sign(&claims(&provider, B, json!(B)))).await, DeniedKind::Tenant);
}

#[tokio::test]
async fn a_template_matches_whole_segments_only() {
    let provider = Provider::new();
    let edge = edge(&provider, trust().any_tenant(), provider.jwks().to_json()).await;
    for tenant in ["a/b", "", "a.b", "a%2Fb", "..", "{tenantid}", "a b"] {
        let token = provider.sign(&claims(&provider, tenant, json!(tenant)));
        assert_eq!(edge.denies(&token).await, DeniedKind::UntrustedIssuer, "{tenant}");
    }
}

#[tokio::test]
async fn a_key_bound_to_one_tenant_signs_for_that_one_only() {
    let provider = Provider::new();
    for (bound_to, b_is_accepted) in [(TEMPLATE.to_owned(), true), (issuer(B), true), (issuer(A), false)] {
        let mut jwks = provider.jwks().to_json();
        jwks["keys"][0]["issuer"] = bound_to.clone().into();
        let edge = edge(&provider, trust().any_tenant(), jwks).await;
        let answer = edge.ask(&provider.sign(&claims(&provider, B, json!(B)))).await;
        assert_eq!(answer.is_ok(), b_is_accepted, "{bound_to}");
    }
}

#[tokio::test]
async fn the_shared_document_must_be_the_templates() {
    let provider = Provider::new();
    let http = FakeHttp::new();
    http.discovery("https://login.example/common/v2.0", &issuer("common"), provider.jwks().to_json());
    let edge = Edge::new([trust().any_tenant()], http, &provider.clock);
    edge.0.start().await;
    assert!(edge.ask(&provider.sign(&claims(&provider, A, json!(A)))).await.is_err());
}
