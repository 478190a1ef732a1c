//! What the log is told of a refused token: the claim at fault, by the path of the trust's settings.
#![expect(clippy::unwrap_used, reason = "it is for tests only")]

use remint_core::{DeniedKind, Slot};
use remint_jwt::Jws;
use remint_oidc::Trust;
use serde_json::{Value, json};

use crate::support::{Edge, FakeHttp, ISSUER, Provider};

/// A trust that keeps everything elsewhere.
fn mapped(provider: &Provider) -> Trust {
    provider
        .trust()
        .named("idp")
        .subject_claim("https://idp.example/uid")
        .tenant_claim("team.id")
        .tenants(["acme"])
        .client_claims(["app.id"])
        .clients(["web"])
        .scope_claims(["perms"])
        .allow_scopes(["read"])
        .roles_claim("app.roles")
        .any_role()
        .groups_claim("teams")
        .any_group()
}

fn good() -> Value {
    json!({ "https://idp.example/uid": "u1", "team": { "id": "acme" }, "app": { "id": "web" }, "perms": ["read"] })
}

#[tokio::test]
async fn the_mapped_claim_that_is_the_reason_is_named() {
    let provider = Provider::new();
    let edge = provider.edge(mapped(&provider));
    for (slot, changes, kind, claim, found) in [
        (Slot::Bearer, json!({ "https://idp.example/uid": 7 }), DeniedKind::Claim, "https://idp.example/uid", "number"),
        (
            Slot::Bearer,
            json!({ "https://idp.example/uid": null }),
            DeniedKind::Claim,
            "https://idp.example/uid",
            "absent",
        ),
        (
            Slot::Bearer,
            json!({ "https://idp.example/uid": "a\u{7}" }),
            DeniedKind::Claim,
            "https://idp.example/uid",
            "text",
        ),
        (Slot::Bearer, json!({ "team": { "id": "other" } }), DeniedKind::Tenant, "team.id", "text"),
        (Slot::Bearer, json!({ "team": { "id": ["acme"] } }), DeniedKind::Claim, "team.id", "list"),
        (Slot::Bearer, json!({ "app": { "id": "other" } }), DeniedKind::Client, "app.id", "text"),
        (Slot::Bearer, json!({ "app": { "id": 1 } }), DeniedKind::Claim, "app.id", "number"),
        (Slot::Bearer, json!({ "app": {} }), DeniedKind::Client, "app.id", "absent"),
        (Slot::Bearer, json!({ "aud": [] }), DeniedKind::Claim, "aud", "list"),
        (Slot::Bearer, json!({ "exp": "soon", "team": 7 }), DeniedKind::Claim, "exp", "text"),
        (Slot::Bearer, json!({ "nbf": [] }), DeniedKind::Claim, "nbf", "list"),
        (Slot::Bearer, json!({ "act": 7 }), DeniedKind::Claim, "act", "number"),
        (Slot::Bearer, json!({ "act": { "iss": ISSUER } }), DeniedKind::Claim, "act", "object"),
        // Of an assertion, what is only carried along is held to the word, too.
        (
            Slot::Assertion,
            json!({ "app": { "id": "web", "roles": { "a": 1 } } }),
            DeniedKind::Claim,
            "app.roles",
            "object",
        ),
        (Slot::Assertion, json!({ "teams": [1] }), DeniedKind::Claim, "teams", "list"),
        (Slot::Assertion, json!({ "perms": 1 }), DeniedKind::Claim, "perms", "number"),
        (Slot::Assertion, json!({ "sid": 7 }), DeniedKind::Claim, "sid", "number"),
        (Slot::Assertion, json!({ "acr": 2 }), DeniedKind::Claim, "acr", "number"),
        (Slot::Assertion, json!({ "iat": null }), DeniedKind::Claim, "iat", "absent"),
    ] {
        let mut claims = provider.plus(good());
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let token = provider.sign(&claims);
        assert_eq!(edge.denies_in(slot, &token).await, kind, "{changes}");
        let said = edge.0.explain(Jws::parse_external(&token).unwrap().unverified_claims(), kind).unwrap();
        let expected = (Some("idp"), Some(claim), Some(found));
        assert_eq!((said.trust.as_deref(), said.claim.as_deref(), said.found), expected, "{changes}");
    }
    let odd = json!({ "app": { "id": "web", "roles": 1 }, "teams": 7, "perms": {}, "sid": [], "acr": 2 });
    edge.accepts(&provider.sign(&provider.plus(merged(good(), odd)))).await;
}

fn merged(mut claims: Value, more: Value) -> Value {
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

#[tokio::test]
async fn of_several_trusts_the_one_is_named_that_a_token_was_held_to() {
    let provider = Provider::new();
    let trust =
        |audience: &str| Trust::oidc(ISSUER, audience).named(audience).key_set(provider.jwks()).tenants(["acme"]);
    let edge =
        Edge::new([trust("a").tenant_claim("one"), trust("b").tenant_claim("two")], FakeHttp::new(), &provider.clock);
    for (aud, claim) in [("a", "one"), ("b", "two")] {
        let token = provider.sign(&provider.with(json!({ "aud": aud, "one": "other", "two": "other" })));
        assert_eq!(edge.denies(&token).await, DeniedKind::Tenant);
        let jws = Jws::parse_external(&token).unwrap();
        let said = edge.0.explain(jws.unverified_claims(), DeniedKind::Tenant).unwrap();
        assert_eq!((said.trust.as_deref(), said.claim.as_deref()), (Some(aud), Some(claim)));
        assert_eq!(edge.0.explain(jws.unverified_claims(), DeniedKind::Signature).unwrap().claim, None);
    }
    let stranger = provider.sign(&provider.with(json!({ "iss": "https://other.example" })));
    let jws = Jws::parse_external(&stranger).unwrap();
    assert_eq!(edge.0.explain(jws.unverified_claims(), DeniedKind::UntrustedIssuer), None);
}
