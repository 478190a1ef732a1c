//! Which roles, groups and entitlements reach a service.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use remint::{
    Algorithm, Enricher, Enrichment, Environment, Ext, Identity, MemoryStore, NewKey, NewUser, RequireLayer, Roles,
    Trust, Unavailable, UserId,
};
use serde_json::{Value, json};
use tower::ServiceExt;

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

/// Which of the routes a credential reaches that ask for what the enricher says.
async fn reached(app: &Router, header: &str, credential: &str) -> [u16; 4] {
    let mut statuses = [0; 4];
    for (status, path) in statuses.iter_mut().zip(["/role", "/reserved", "/entitlement", "/other"]) {
        let request = Request::get(path).header(header, credential).body(Body::empty()).unwrap();
        *status = app.clone().oneshot(request).await.unwrap().status().as_u16();
    }
    statuses
}

#[tokio::test]
async fn what_an_enricher_says_opens_routes_to_whole_credentials_and_not_to_restricted_ones_warm_or_cold() {
    let provider = Provider::new(Algorithm::Es256);
    let edge = builder(&provider, MemoryStore::new()).enricher(Knows).build().await.unwrap();
    let ok = || get(|| async { "reached" });
    let reserved = RequireLayer::authenticated()
        .with_predicate("reserved", |identity| identity.roles.iter().any(|role| role.starts_with("remint:")));
    let app = Router::new()
        .route("/role", ok().layer(RequireLayer::roles(["knows"])))
        .route("/reserved", ok().layer(reserved))
        .route("/entitlement", ok().layer(RequireLayer::entitlements(["knows"])))
        .route("/other", ok().layer(RequireLayer::roles(["knows", "other"])))
        .layer(edge.layer());
    let (keys, alice) = (edge.api_keys().unwrap(), UserId::new("alice").unwrap());
    keys.create_user(NewUser::new(alice.clone()).with_scopes("read".parse().unwrap())).await.unwrap();
    let (whole, _) = keys.create(NewKey::new(alice.clone(), Environment::Live)).await.unwrap();
    let restricted = NewKey::new(alice, Environment::Live).with_scopes("read".parse().unwrap());
    let (restricted, _) = keys.create(restricted).await.unwrap();
    for warmth in ["cold", "warm"] {
        let of = async |key: &remint::ApiKey| reached(&app, "x-api-key", key.expose_secret()).await;
        assert_eq!(of(&whole).await, [200, 403, 200, 403], "{warmth}");
        assert_eq!(of(&restricted).await, [403; 4], "{warmth}");
    }
}
