//! A token that is narrowed carries no roles, groups and entitlements, whatever is known of its subject.

use async_trait::async_trait;
use remint_apikey::{NewKey, NewUser};
use remint_authorization_server::{Client, Right};
use remint_core::{
    ActFor, Audience, ClientId, Enricher, Enrichment, Environment, Ext, Identity, Roles, Scopes, Unavailable, UserId,
};
use serde_json::{Value, json};

use crate::support::*;

const DOMAIN: &str = "trust-domain.example";
const TXN: &str = "urn:ietf:params:oauth:token-type:txn_token";
const RIGHTS: [&str; 3] = ["roles", "groups", "entitlements"];

/// Knows something of everybody, whatever they came with.
#[derive(Debug)]
struct Knows;

#[async_trait]
impl Enricher for Knows {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        let mut ext = Ext::new();
        ext.insert("seats", 3).unwrap();
        let known = Enrichment::new(ext).with_roles(["knows", "remint:admin"]).with_groups(["knows", "remint:admin"]);
        Ok(known.with_entitlements(["knows", "remint:admin"]))
    }
}

/// A server whose enricher knows of rights, and alice, who has some in the store.
async fn world() -> World {
    let world = World::over(
        |line| line.enricher(Knows),
        |server| {
            let audiences = ["internal", DOMAIN].map(|name| Audience::new(name).unwrap());
            let client = Client::with_secret(ClientId::new("gateway").unwrap(), &secret("gateway"));
            let server = server.client(client.may([Right::Exchange]).audiences(audiences));
            server.transactions(Audience::new(DOMAIN).unwrap()).unwrap()
        },
    )
    .await;
    let alice = NewUser::new(alice()).with_scopes(scopes("read write")).with_tenant("acme".parse().unwrap());
    let alice = alice.with_roles(Roles::new(["editor"]).unwrap());
    world.keys.create_user(alice.with_entitlements(vec!["gpu".to_owned()])).await.unwrap();
    world
}

fn alice() -> UserId {
    UserId::new("alice").unwrap()
}

fn scopes(text: &str) -> Scopes {
    text.parse().unwrap()
}

async fn key(world: &World, scopes: Option<&str>) -> String {
    let new = NewKey::new(alice(), Environment::Live);
    world.key(scopes.map(self::scopes).into_iter().fold(new, NewKey::with_scopes)).await
}

fn external(world: &World, claims: Value) -> String {
    let mut all = json!({ "org_id": "acme", "realm_access": { "roles": ["buyer"] }, "groups": ["staff"] });
    all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    world.external(all)
}

/// The claims of a token, of whichever kind.
fn claims(answer: &Answer) -> Value {
    Value::Object(remint_jwt::Jws::parse(&answer.token()).unwrap().unverified_claims().as_map().clone())
}

/// It carries nothing but what stays.
fn is_narrow(answer: &Answer) {
    let claims = claims(answer);
    for name in RIGHTS {
        assert_eq!(claims.get(name), None, "{name}: {claims}");
    }
    assert_eq!((&claims["tenant"], &claims["ext"]), (&json!("acme"), &json!({ "seats": 3 })), "{claims}");
}

fn is_whole(answer: &Answer, [roles, groups, entitlements]: [&[&str]; 3]) {
    let claims = claims(answer);
    let carried = RIGHTS.map(|name| claims[name].clone());
    assert_eq!(carried, [json!(roles), json!(groups), json!(entitlements)], "{claims}");
}

const OF_A_TOKEN: [&[&str]; 3] = [&["buyer", "knows"], &["staff", "knows"], &["knows"]];
const OF_A_KEY: [&[&str]; 3] = [&["editor", "knows"], &["knows"], &["gpu", "knows"]];

#[tokio::test]
async fn an_exchange_that_asks_for_a_scope_gets_no_roles_groups_or_entitlements() {
    let world = world().await;
    let (token, key) = (external(&world, json!({})), key(&world, None).await);
    is_whole(&world.exchange("edge", (JWT, &token), &[]).await, OF_A_TOKEN);
    is_whole(&world.exchange("edge", (API_KEY, &key), &[]).await, OF_A_KEY);
    for scope in ["read", "read write"] {
        for subject in [(JWT, token.as_str()), (API_KEY, key.as_str())] {
            is_narrow(&world.exchange("edge", subject, &[("scope", scope)]).await);
        }
        let grant = [("grant_type", BEARER), ("assertion", token.as_str()), ("scope", scope)];
        is_narrow(&world.token("edge", &grant).await);
    }
}

#[tokio::test]
async fn a_key_with_scopes_of_its_own_gets_no_roles_groups_or_entitlements() {
    let world = world().await;
    for scopes in ["", "read", "read write"] {
        let key = key(&world, Some(scopes)).await;
        is_narrow(&world.exchange("edge", (API_KEY, &key), &[]).await);
    }
}

#[tokio::test]
async fn whoever_acts_with_the_scopes_of_a_right_gets_no_roles_groups_or_entitlements() {
    let world = world().await;
    let (alice, worker) = (key(&world, None).await, world.own_token("worker").await);
    is_narrow(&world.delegate("worker", (API_KEY, &alice), (ACCESS_TOKEN, &worker)).await);

    world.user("helper", "read").await;
    let helper = || NewKey::new(UserId::new("helper").unwrap(), Environment::Live);
    let anyone = ActFor { anyone: true, ..ActFor::default() };
    for limit in ["", "read", "read write"] {
        let right = ActFor { scopes: Some(scopes(limit)), ..anyone.clone() };
        let actor = world.key(helper().acting_for(right)).await;
        is_narrow(&world.delegate("svc", (API_KEY, &alice), (API_KEY, &actor)).await);
    }
    // Without scopes the right is to act as they would.
    let actor = world.key(helper().acting_for(anyone.clone())).await;
    is_whole(&world.delegate("svc", (API_KEY, &alice), (API_KEY, &actor)).await, OF_A_KEY);
    // And whom the subject's own token names is not bound by what else they may.
    let named = external(&world, json!({ "may_act": { "sub": "helper", "iss": ISSUER } }));
    let right = ActFor { scopes: Some(scopes("read")), ..anyone };
    let actor = world.key(helper().acting_for(right)).await;
    is_whole(&world.delegate("svc", (JWT, &named), (API_KEY, &actor)).await, OF_A_TOKEN);
}

#[tokio::test]
async fn what_was_narrowed_stays_so_at_every_further_exchange() {
    let world = world().await;
    let token = external(&world, json!({}));
    let narrow = world.exchange("svc", (JWT, &token), &[("audience", "internal"), ("scope", "read")]).await;
    let again = world.exchange("svc", (JWT, &narrow.token()), &[("audience", "internal")]).await;
    is_narrow(&again);
    is_narrow(&world.exchange("edge", (JWT, &again.token()), &[]).await);

    let whole = world.exchange("svc", (JWT, &token), &[("audience", "internal")]).await;
    is_whole(&world.exchange("svc", (JWT, &whole.token()), &[("audience", "internal")]).await, OF_A_TOKEN);
    let asked = [("audience", "internal"), ("scope", "read write")];
    is_narrow(&world.exchange("svc", (JWT, &whole.token()), &asked).await);
}

#[tokio::test]
async fn a_transaction_that_asks_for_a_scope_gets_no_roles_groups_or_entitlements() {
    let world = world().await;
    let token = external(&world, json!({}));
    let asked =
        |more: &[(&'static str, &'static str)]| [&[("requested_token_type", TXN), ("audience", DOMAIN)], more].concat();
    let whole = world.exchange("gateway", (JWT, &token), &asked(&[])).await;
    is_whole(&whole, OF_A_TOKEN);
    is_whole(&world.exchange("gateway", (TXN, &whole.token()), &asked(&[])).await, OF_A_TOKEN);
    for scope in ["read", "read write"] {
        let narrow = world.exchange("gateway", (JWT, &token), &asked(&[("scope", scope)])).await;
        is_narrow(&narrow);
        is_narrow(&world.exchange("gateway", (TXN, &narrow.token()), &asked(&[])).await);
        is_narrow(&world.exchange("gateway", (TXN, &whole.token()), &asked(&[("scope", scope)])).await);
    }
    let restricted = key(&world, Some("read")).await;
    is_narrow(&world.exchange("gateway", (API_KEY, &restricted), &asked(&[])).await);
}

#[tokio::test]
async fn introspection_says_no_more_of_a_key_than_a_token_of_it_would() {
    let world = world().await;
    let none = [Value::Null, Value::Null];
    for (scopes, said) in
        [(None, [json!(["editor"]), json!(["gpu"])]), (Some(""), none.clone()), (Some("read"), none.clone())]
    {
        let key = key(&world, scopes).await;
        let answer = world.send(post("/oauth2/introspect", &basic("edge", &secret("edge")), &[("token", &key)])).await;
        assert_eq!(answer.body["active"], json!(true), "{scopes:?}");
        assert_eq!([&answer.body["roles"], &answer.body["entitlements"]], said.each_ref(), "{scopes:?}");
    }
}
