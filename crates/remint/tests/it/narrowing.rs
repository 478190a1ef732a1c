//! Which roles, groups and entitlements reach a service.

use axum::http::StatusCode;
use remint::{
    Algorithm, Enricher, Enrichment, Environment, Ext, Identity, MemoryStore, NewKey, NewUser, Roles, Trust,
    Unavailable, UserId,
};
use serde_json::{Value, json};

use crate::support::{IDP, Provider, app, ask, builder, now};

/// Knows something of everybody.
#[derive(Debug)]
struct Knows;

#[remint::async_trait]
impl Enricher for Knows {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        let mut ext = Ext::new();
        ext.insert("seats", 3).unwrap();
        let known = Enrichment::new(ext).with_roles(["knows", "remint:admin"]).with_groups(["knows", "remint:admin"]);
        Ok(known.with_entitlements(["knows", "remint:admin"]))
    }
}

/// What a trust lets pass.
type Lists = fn(Trust) -> Trust;

fn rights(caller: &Value) -> [Value; 3] {
    ["roles", "groups", "entitlements"].map(|name| caller[name].clone())
}

#[tokio::test]
async fn a_key_with_scopes_carries_no_roles_groups_or_entitlements_warm_or_cold() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).enricher(Knows).build().await.unwrap();
    let (app, keys) = (app(&edge).await, edge.api_keys().unwrap());
    let alice = UserId::new("alice").unwrap();
    let user = NewUser::new(alice.clone()).with_scopes("read write".parse().unwrap());
    let user = user.with_tenant("acme".parse().unwrap()).with_entitlements(vec!["gpu".into(), "remint:gpu".into()]);
    let user = user.with_roles(Roles::new(["editor"]).unwrap());
    keys.create_user(user).await.unwrap();
    for scopes in [None, Some(""), Some("read"), Some("read write")] {
        let mut new = NewKey::new(alice.clone(), Environment::Live);
        if let Some(scopes) = scopes {
            new = new.with_scopes(scopes.parse().unwrap());
        }
        let (key, _) = keys.create(new).await.unwrap();
        let expected = match scopes {
            None => [json!(["editor", "knows"]), json!(["knows"]), json!(["gpu", "knows"])],
            Some(_) => [json!([]), json!([]), json!([])],
        };
        for warmth in ["cold", "warm"] {
            let (status, caller) = ask(&app, "x-api-key", key.expose_secret()).await;
            assert_eq!(status, StatusCode::OK, "{caller}");
            assert_eq!(rights(&caller), expected, "{warmth}, {scopes:?}: {caller}");
            assert_eq!((&caller["tenant"], &caller["ext"]), (&json!("acme"), &json!({ "seats": 3 })), "{caller}");
        }
    }
}

#[tokio::test]
async fn a_trusted_issuers_roles_pass_by_the_list_and_a_reserved_one_never() {
    let provider = Provider::new(Algorithm::Es256);
    let names = json!(["remint:admin", "buyer", "remint:"]);
    let claims = json!({
        "iss": IDP, "aud": "api", "sub": "alice", "client_id": "web", "iat": now(), "exp": now() + 60,
        "realm_access": { "roles": names }, "groups": names, "entitlements": names,
    });
    let token = format!("Bearer {}", provider.0.sign("at+jwt", &claims).unwrap());
    let none = json!([]);
    let lists: [(Lists, [&Value; 3]); 4] = [
        (|trust| trust, [&none, &none, &none]),
        (|trust| trust.allow_roles(["buyer", "remint:admin"]), [&json!(["buyer"]), &none, &none]),
        (|trust| trust.allow_groups(["buyer", "remint:admin"]), [&none, &json!(["buyer"]), &none]),
        (|trust| trust.allow_roles(["*"]).allow_groups(["*"]), [&json!(["buyer"]), &json!(["buyer"]), &none]),
    ];
    for (lists, expected) in lists {
        let edge = remint::Remint::builder("https://auth.internal", "internal");
        let edge = edge.trust(lists(provider.trust())).api_keys(MemoryStore::new()).ephemeral_keys();
        let app = app(&edge.build().await.unwrap()).await;
        for _ in ["cold", "warm"] {
            let (status, caller) = ask(&app, "authorization", &token).await;
            assert_eq!(status, StatusCode::OK, "{caller}");
            assert_eq!(rights(&caller), expected.map(Clone::clone), "{caller}");
        }
    }
}
