//! What is only carried along never refuses an access token, and refuses every token that is made for one purpose.

use remint_core::{DeniedKind, MayAct, Slot, Target};
use serde_json::{Value, json};

use crate::support::{ISSUER, OWN, Provider};

/// Claims that do not fit, all of them in one token.
fn odd() -> Value {
    json!({
        "auth_time": "yesterday", "amr": [{ "method": "password" }, "otp"], "acr": 2, "sid": ["s"], "jti": 1.5,
        "azp": 7, "scope": ["read", "lésen", 1, "write a\"b"], "realm_access": { "roles": ["admin", null, "a\nb"] },
        "groups": 1, "entitlements": { "a": 1 }, "org_id": 7,
    })
}

#[tokio::test]
async fn claims_that_do_not_fit_are_left_out_and_the_rest_goes_on() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().any_scope().any_role().any_group());
    let identity = edge.accepts(&provider.sign(&provider.with(odd()))).await.identity;
    assert_eq!((identity.auth_time, identity.acr, identity.session, identity.tenant), (None, None, None, None));
    assert_eq!((identity.amr, identity.scopes.to_string().as_str()), (vec!["otp".to_owned()], "read write"));
    assert_eq!((identity.roles, identity.groups), (vec!["admin".to_owned()], Vec::new()));
    // Without a name of its own the token is named by its digest.
    assert!(matches!(identity.credential, remint_core::CredentialRef::Jwt { id: None, digest: Some(_), .. }));
}

#[tokio::test]
async fn each_of_them_refuses_an_assertion() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().any_scope().any_role().any_group());
    for (name, value) in odd().as_object().unwrap() {
        // These are not read: no tenant is asked for, and nobody outside gives entitlements.
        if matches!(name.as_str(), "entitlements" | "org_id") {
            continue;
        }
        let token = provider.sign(&provider.with(json!({ name: value })));
        edge.accepts(&token).await;
        assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::Claim, "{name}");
    }
    for claims in [
        json!({ "jti": 7 }),
        json!({ "sid": 7 }),
        json!({ "jti": "x".repeat(257) }),
        json!({ "acr": "" }),
        json!({ "auth_time": "2026-01-01T00:00:00Z" }),
        json!({ "auth_time": 1.5 }),
        json!({ "realm_access": { "roles": { "admin": {} } } }),
        json!({ "realm_access": { "roles": ["admin", ""] } }),
        json!({ "act": "worker" }),
        json!({ "may_act": "worker" }),
    ] {
        let token = provider.sign(&provider.with(claims.clone()));
        edge.accepts(&token).await;
        assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::Claim, "{claims}");
    }
    edge.accepts_in(Slot::Assertion, &provider.sign(&provider.claims())).await;
}

#[tokio::test]
async fn null_is_absence_whatever_the_claim() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().any_scope().any_role().any_group().any_tenant().map_claim("plan", "a.b"));
    for name in [
        "auth_time",
        "amr",
        "acr",
        "sid",
        "jti",
        "azp",
        "client_id",
        "scope",
        "scp",
        "groups",
        "realm_access",
        "org_id",
        "act",
        "may_act",
        "cnf",
        "nbf",
        "nonce",
        "events",
        "typ",
        "unknown",
    ] {
        let token = provider.sign(&provider.plus(json!({ name: null })));
        edge.accepts(&token).await;
    }
    for nested in [
        json!({ "realm_access": { "roles": null } }),
        json!({ "a": { "b": null } }),
        json!({ "act": { "sub": "worker", "iss": null, "act": null } }),
        json!({ "may_act": { "sub": "worker", "iss": null } }),
    ] {
        let identity = edge.accepts(&provider.sign(&provider.with(nested.clone()))).await.identity;
        assert!(identity.roles.is_empty() && identity.ext.is_empty(), "{nested}");
    }
    for (name, kind) in [("iss", DeniedKind::Claim), ("aud", DeniedKind::Audience), ("exp", DeniedKind::Claim)] {
        assert_eq!(edge.denies(&provider.sign(&provider.plus(json!({ name: null })))).await, kind, "{name}");
    }
    // Of an assertion it is not what it should be.
    for name in ["auth_time", "amr", "acr", "sid", "jti", "azp", "scope", "groups", "org_id", "act", "may_act", "nbf"] {
        let token = provider.sign(&provider.plus(json!({ name: null })));
        assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::Claim, "{name}");
    }
}

#[tokio::test]
async fn a_login_time_is_a_number_or_a_text() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for (value, seconds) in [
        (json!(1_767_225_000), Some(1_767_225_000)),
        (json!(1_767_225_000.9), Some(1_767_225_000)),
        (json!("2026-01-01T00:00:00.123Z"), Some(1_767_225_600)),
        (json!("2026-01-01T01:00:00+01:00"), Some(1_767_225_600)),
        (json!("1767225000"), None),
        (json!(-1), None),
    ] {
        let token = provider.sign(&provider.with(json!({ "auth_time": value })));
        let found = edge.accepts(&token).await.identity.auth_time;
        assert_eq!(found.map(|at| at.as_secs()), seconds, "{value}");
    }
}

#[tokio::test]
async fn a_number_names_a_token_or_session_by_its_digits_and_a_long_text_by_its_digest() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let name = |value: &Value| remint_jwt::external_token_id(value).unwrap().as_str().to_owned();
    for value in [json!(4711), json!("x".repeat(257)), json!("a\u{0}b"), json!("t-1")] {
        let token = provider.sign(&provider.with(json!({ "jti": value, "sid": value })));
        let targets = edge.accepts(&token).await.targets();
        let (issuer, name) = (|| ISSUER.parse().unwrap(), name(&value));
        assert!(targets.contains(&Target::Token { issuer: issuer(), id: name.parse().unwrap() }), "{value}");
        assert!(targets.contains(&Target::Session { issuer: issuer(), session: name.parse().unwrap() }), "{value}");
    }
}

#[tokio::test]
async fn the_names_of_an_objects_members_are_roles_and_what_is_false_names_none() {
    let provider = Provider::new();
    // As Zitadel writes them.
    let claims = json!({ "urn:zitadel:iam:org:project:roles": {
        "admin": { "34": "acme.example" }, "remint:admin": { "34": "acme.example" }, "owner": false, "guest": null,
    }});
    let trust = provider.trust().roles_claim("urn:zitadel:iam:org:project:roles").any_role();
    let identity = provider.edge(trust).accepts(&provider.sign(&provider.with(claims))).await.identity;
    assert_eq!(identity.roles, ["admin"]);
}

#[tokio::test]
async fn a_client_that_is_none_is_no_client_where_no_list_asks_for_one() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for azp in [json!(""), json!(7), json!(["web"]), json!("x".repeat(257)), json!("a\nb")] {
        let claims = provider.with(json!({ "azp": azp, "client_id": "web" }));
        let identity = edge.accepts(&provider.sign(&claims)).await.identity;
        assert_eq!(identity.client.as_str(), "web", "{azp}");
    }
    let listed = provider.edge(provider.trust().clients(["web"]));
    listed.accepts(&provider.sign(&provider.plus(json!({ "azp": null, "client_id": "web" })))).await;
    for azp in [json!(""), json!(7), json!(["web"])] {
        let token = provider.sign(&provider.with(json!({ "azp": azp, "client_id": "web" })));
        assert_eq!(listed.denies(&token).await, DeniedKind::Claim, "{azp}");
    }
}

#[tokio::test]
async fn an_actor_may_be_a_text_and_is_never_dropped() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for (act, expected) in [
        (json!("worker"), json!({ "sub": "worker", "iss": ISSUER })),
        (
            json!({ "sub": "worker", "act": "queue" }),
            json!({ "sub": "worker", "iss": ISSUER, "act": { "sub": "queue", "iss": ISSUER } }),
        ),
    ] {
        let identity = edge.accepts(&provider.sign(&provider.with(json!({ "act": act })))).await.identity;
        assert_eq!(json!(identity.actor), expected);
    }
    for act in [json!(""), json!("a\nb"), json!("x".repeat(513)), json!(7), json!(true), json!({ "sub": null })] {
        assert_eq!(
            edge.denies(&provider.sign(&provider.with(json!({ "act": act })))).await,
            DeniedKind::Claim,
            "{act}"
        );
    }
}

#[tokio::test]
async fn nobody_may_act_with_a_token_that_says_it_of_somebody_unreadable() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for may_act in [
        json!("worker"),
        json!(7),
        json!([]),
        json!({}),
        json!({ "sub": "" }),
        json!({ "sub": 1 }),
        json!({ "sub": "worker", "iss": 1 }),
        json!({ "sub": "worker", "iss": "" }),
        json!({ "email": "worker@idp.example" }),
    ] {
        let identity = edge.accepts(&provider.sign(&provider.with(json!({ "may_act": may_act })))).await.identity;
        assert_eq!(identity.may_act, Some(MayAct::nobody()), "{may_act}");
    }
    let ours = json!({ "may_act": { "sub": "client|svc", "iss": OWN } });
    let identity = edge.accepts(&provider.sign(&provider.with(ours))).await.identity;
    assert_eq!(json!(identity.may_act), json!({ "sub": "client|svc", "iss": OWN }));
    assert_eq!(
        edge.accepts(&provider.sign(&provider.claims())).await.identity.may_act,
        None,
        "the issuer says nothing"
    );
}
