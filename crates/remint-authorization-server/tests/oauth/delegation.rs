//! What was obtained for somebody ends with whoever obtained it.

use remint_apikey::NewKey;
use remint_core::{
    ActFor, Audience, ClientId, Environment, ExternalIdentity, IssuerId, KeyId, SessionId, Subject, Target, TenantId,
    TokenId, UserId,
};
use remint_jwt::Jws;
use remint_verify::Verifier;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::*;

const REFUSED: (u16, &str) = (400, "invalid_request");

/// Behind the edge, with what the edge knows of revocations.
async fn behind(world: &World) -> Verifier {
    let issuer = std::sync::Arc::clone(&world.issuer);
    Verifier::builder(IssuerId::new(ISSUER).unwrap(), Audience::new("internal").unwrap())
        .local_keys(move || issuer.key_set())
        .revocations(world.authority.revocations().clone())
        .clock(std::sync::Arc::new(world.clock.clone()))
        .build()
        .await
        .unwrap()
}

/// Whether a token counts, which all who are asked must agree on: introspection, the next exchange, and
/// two services behind the edge, one of which has seen it before.
async fn counts(world: &World, warm: &Verifier, token: &str) -> bool {
    counts_for(world, warm, token, &[]).await
}

/// The same for a token that names who may act with it: the next exchange is by an actor token.
async fn counts_for(world: &World, warm: &Verifier, token: &str, actor: &[&str]) -> bool {
    let asked = world.send(post("/oauth2/introspect", &basic("edge", &secret("edge")), &[("token", token)])).await;
    let active = asked.body["active"].as_bool().unwrap();
    let exchanged = match actor {
        [actor] => world.delegate("svc", (JWT, token), (JWT, actor)).await,
        _ => world.exchange("svc", (JWT, token), &[]).await,
    };
    let cold = behind(world).await;
    if active {
        assert_eq!(exchanged.status, 200, "{}", exchanged.body);
    } else {
        assert_eq!(exchanged.error(), REFUSED);
    }
    for verifier in [&cold, warm] {
        let verified = verifier.verify(token).await;
        assert_eq!(
            verified.map(drop).map_err(|refusal| refusal.reason()),
            if active { Ok(()) } else { Err("revoked") }
        );
    }
    active
}

/// A key of `helper`, with which they may act for alice, and its id.
async fn helper(world: &World) -> (String, KeyId) {
    world.user("helper", "read").await;
    helpers_key(world).await
}

async fn helpers_key(world: &World) -> (String, KeyId) {
    let alice = ActFor { users: vec![UserId::new("alice").unwrap()], ..ActFor::default() };
    let new = NewKey::new(UserId::new("helper").unwrap(), Environment::Live).acting_for(alice);
    let (key, record) = world.keys.create(new).await.unwrap();
    (key.expose_secret().to_owned(), record.id)
}

fn idp() -> IssuerId {
    IssuerId::new(IDP).unwrap()
}

fn signing_input(token: &str) -> Target {
    Target::SigningInput(Sha256::digest(Jws::parse(token).unwrap().signing_input()).into())
}

fn digest(token: &str) -> String {
    let Target::SigningInput(digest) = signing_input(token) else { unreachable!() };
    remint_core::TokenDigest(digest).to_string()
}

/// An external token of alice that names `helper` as who may act with it.
fn for_helper(world: &World) -> String {
    world.external(json!({ "may_act": { "sub": "helper" } }))
}

#[tokio::test]
async fn a_revoked_key_ends_what_it_obtained_for_a_user() {
    let world = World::new().await;
    let alice = world.user("alice", "read").await;
    let (helper, id) = helper(&world).await;
    let acting = world.delegate("svc", (API_KEY, &alice), (API_KEY, &helper)).await;
    let act = json!({ "sub": "helper", "cred": { "kind": "api_key", "id": id.as_str() } });
    assert_eq!(acting.claims(&world)["act"], act);
    let (token, warm) = (acting.token(), behind(&world).await);
    assert!(counts(&world, &warm, &token).await);
    world.keys.revoke(&id).await.unwrap();
    assert!(!counts(&world, &warm, &token).await);
}

#[tokio::test]
async fn a_revoked_key_ends_what_an_internal_token_made_with_it_obtained() {
    let world = World::new().await;
    let ((_, id), (key, made_of)) = (helper(&world).await, helpers_key(&world).await);
    let internal = world.exchange("edge", (API_KEY, &key), &[]).await;
    let subject = world.external(json!({ "may_act": { "sub": "helper", "iss": ISSUER } }));
    let acting = world.delegate("svc", (JWT, &subject), (JWT, &internal.token())).await;
    assert_eq!(acting.claims(&world)["act"]["cred"], json!({ "kind": "api_key", "id": made_of.as_str() }));
    let (token, warm) = (acting.token(), behind(&world).await);
    world.keys.revoke(&id).await.unwrap();
    assert!(counts_for(&world, &warm, &token, &[&internal.token()]).await, "another key of theirs");
    let (other, _) = helpers_key(&world).await;
    let other = world.exchange("edge", (API_KEY, &other), &[]).await.token();
    world.keys.revoke(&made_of).await.unwrap();
    assert!(!counts_for(&world, &warm, &token, &[&other]).await);
}

#[tokio::test]
async fn whatever_ends_the_actor_ends_what_they_obtained() {
    let client = || Target::Client(ClientId::new("worker").unwrap());
    let session = || Target::Session { issuer: idp(), session: SessionId::new("s-2").unwrap() };
    let token = |id: &str| Target::Token { issuer: idp(), id: TokenId::new(id).unwrap() };
    let subject = |id: &str| Target::Subject { issuer: idp(), subject: Subject::new(id).unwrap() };
    let tenant = |id: &str| Target::Tenant(TenantId::new(id).unwrap());
    // An actor token of the identity provider, a target that is the actor's, and one that is not.
    let external = [
        (json!({ "sid": "s-2" }), session(), Target::Client(ClientId::new("svc").unwrap())),
        (json!({}), token("ext-2"), token("ext-3")),
        (json!({}), subject("helper"), subject("other")),
        (json!({ "org_id": "acme" }), tenant("acme"), tenant("other")),
        (json!({}), Target::Issuer(idp()), Target::Issuer(IssuerId::new(OTHER_IDP).unwrap())),
    ];
    for (claims, target, other) in external {
        let world = World::new().await;
        let mut helper = json!({ "sub": "helper", "jti": "ext-2" });
        helper.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let helper = world.external(helper);
        let again = world.external(json!({ "sub": "helper", "jti": "ext-9" }));
        let acting = world.delegate("svc", (JWT, &for_helper(&world)), (JWT, &helper)).await.token();
        let warm = behind(&world).await;
        world.revoke(other).await;
        assert!(counts_for(&world, &warm, &acting, &[&again]).await, "{target:?}");
        world.revoke(target.clone()).await;
        assert!(!counts_for(&world, &warm, &acting, &[&again]).await, "{target:?}");
    }
    // A client that acts by the right that it was given.
    let world = World::new().await;
    let (alice, worker) = (world.user("alice", "read").await, world.own_token("worker").await);
    let acting = world.delegate("worker", (API_KEY, &alice), (ACCESS_TOKEN, &worker)).await;
    assert_eq!(acting.claims(&world)["act"], client_actor("worker"));
    let (acting, warm) = (acting.token(), behind(&world).await);
    assert!(counts(&world, &warm, &acting).await);
    world.revoke(client()).await;
    assert!(!counts(&world, &warm, &acting).await);
}

#[tokio::test]
async fn an_external_token_without_a_jti_is_named_by_its_digest_as_subject_and_as_actor() {
    let world = World::new().await;
    let unnamed = world.external(json!({ "jti": null }));
    let first = world.exchange("edge", (JWT, &unnamed), &[]).await;
    let cred = json!({ "kind": "jwt", "iss": IDP, "sub": "alice", "dig": digest(&unnamed) });
    assert_eq!(first.claims(&world)["cred"], cred);
    let named = world.exchange("edge", (JWT, &world.external(json!({}))), &[]).await;
    assert_eq!(named.claims(&world)["cred"].get("dig"), None);

    let helper = world.external(json!({ "sub": "helper", "jti": null }));
    let acting = world.delegate("svc", (JWT, &for_helper(&world)), (JWT, &helper)).await;
    let cred = json!({ "kind": "jwt", "iss": IDP, "sub": "helper", "dig": digest(&helper) });
    assert_eq!(acting.claims(&world)["act"], json!({ "sub": "helper", "iss": IDP, "cred": cred }));

    let warm = behind(&world).await;
    let again = world.external(json!({ "sub": "helper", "jti": "ext-9" }));
    for (token, ended, actor) in [(&first.token(), &unnamed, &[][..]), (&acting.token(), &helper, &[&*again])] {
        assert!(counts_for(&world, &warm, token, actor).await);
        world.revoke(signing_input(ended)).await;
        assert!(!counts_for(&world, &warm, token, actor).await);
    }
    assert!(counts(&world, &warm, &named.token()).await);
}

#[tokio::test]
async fn each_actor_of_a_chain_ends_it() {
    for ended in 0..2 {
        let world = World::new().await;
        let alice = world.user("alice", "read").await;
        let (helper, id) = helper(&world).await;
        let first = world.delegate("svc", (API_KEY, &alice), (API_KEY, &helper)).await.token();
        let worker = world.own_token("worker").await;
        let second = world.delegate("worker", (JWT, &first), (ACCESS_TOKEN, &worker)).await;
        let claims = second.claims(&world);
        assert_eq!(claims["act"]["cred"], json!({ "kind": "client", "id": "worker" }));
        assert_eq!(claims["act"]["act"]["cred"], json!({ "kind": "api_key", "id": id.as_str() }));
        let (second, warm) = (second.token(), behind(&world).await);
        assert!(counts(&world, &warm, &second).await);
        if ended == 0 {
            world.keys.revoke(&id).await.unwrap();
        } else {
            world.revoke(Target::Client(ClientId::new("worker").unwrap())).await;
        }
        assert!(!counts(&world, &warm, &second).await, "{ended}");
    }
}

#[tokio::test]
async fn a_client_through_which_a_token_passed_ends_it() {
    let world = World::new().await;
    let first = world.exchange("edge", (JWT, &world.external(json!({}))), &[]).await.token();
    let second = world.exchange("svc", (JWT, &first), &[]).await;
    assert_eq!(second.claims(&world)["act"], client_actor("svc"));
    let warm = behind(&world).await;
    assert!(counts(&world, &warm, &second.token()).await);
    world.revoke(Target::Client(ClientId::new("svc").unwrap())).await;
    for (token, counts) in [(&second.token(), false), (&first, true)] {
        let asked = world.send(post("/oauth2/introspect", &basic("edge", &secret("edge")), &[("token", token)])).await;
        assert_eq!(asked.body["active"], json!(counts));
        assert_eq!(warm.verify(token).await.is_ok(), counts);
    }
}

#[tokio::test]
async fn a_client_whose_tokens_were_revoked_gets_new_ones() {
    let world = World::new().await;
    let client = [("grant_type", "client_credentials")];
    let (old, warm) = (world.own_token("worker").await, behind(&world).await);
    assert!(counts(&world, &warm, &old).await);
    world.advance(10);
    world.revoke(Target::Client(ClientId::new("worker").unwrap())).await;
    assert!(!counts(&world, &warm, &old).await);
    // What would be dead from the start is not handed out.
    let early = world.token("worker", &client).await;
    assert_eq!(early.error(), (503, "temporarily_unavailable"));
    assert_eq!(early.headers["retry-after"], "31");
    assert_eq!(world.token("idler", &client).await.status, 200, "another client");
    world.advance(31);
    let new = world.own_token("worker").await;
    assert!(counts(&world, &warm, &new).await);
    assert!(!counts(&world, &warm, &old).await);
}

#[tokio::test]
async fn nobody_outside_says_how_an_actor_came() {
    let world = World::new().await;
    let (_, id) = helper(&world).await;
    let cred = json!({ "kind": "api_key", "id": id.as_str() });
    let act = json!({ "sub": "w", "cred": cred, "sid": "s-9", "tenant": "acme", "act": { "sub": "v", "cred": cred } });
    let token = world.exchange("edge", (JWT, &world.external(json!({ "act": act }))), &[]).await;
    let expected = json!({ "sub": "w", "iss": IDP, "act": { "sub": "v", "iss": IDP } });
    assert_eq!(token.claims(&world)["act"], expected);
    world.keys.revoke(&id).await.unwrap();
    assert!(counts(&world, &behind(&world).await, &token.token()).await);
}

#[tokio::test]
async fn a_linked_actor_ends_with_their_user_and_with_whoever_they_are_elsewhere() {
    let elsewhere = || Target::Subject { issuer: idp(), subject: Subject::new("h-1").unwrap() };
    for target in [Target::User(UserId::new("helper").unwrap()), elsewhere()] {
        let world = World::new().await;
        let link = ExternalIdentity { issuer: idp(), subject: Subject::new("h-1").unwrap() };
        let user = remint_apikey::NewUser::new(UserId::new("helper").unwrap()).with_external(link);
        world.keys.sign_up(user).await.unwrap();
        let helper = world.external(json!({ "sub": "h-1", "jti": "ext-2" }));
        let subject = world.external(json!({ "may_act": { "sub": "helper", "iss": ISSUER } }));
        let acting = world.delegate("svc", (JWT, &subject), (JWT, &helper)).await;
        let cred = json!({ "kind": "jwt", "iss": IDP, "sub": "h-1", "jti": "ext-2" });
        assert_eq!(acting.claims(&world)["act"], json!({ "sub": "helper", "cred": cred }));
        let (acting, warm) = (acting.token(), behind(&world).await);
        let again = world.external(json!({ "sub": "h-1", "jti": "ext-9" }));
        assert!(counts_for(&world, &warm, &acting, &[&again]).await);
        world.revoke(target.clone()).await;
        assert!(!counts_for(&world, &warm, &acting, &[&again]).await, "{target:?}");
    }
}

#[tokio::test]
async fn a_chain_that_would_not_fit_into_a_token_is_refused_and_no_outage() {
    let world = World::new().await;
    let issuer = format!("https://{}.example", "i".repeat(184));
    let chain = |links: usize, length: usize| {
        (0..links).fold(Value::Null, |before, _| match before {
            Value::Null => json!({ "sub": "a".repeat(length), "iss": issuer }),
            before => json!({ "sub": "a".repeat(length), "iss": issuer, "act": before }),
        })
    };
    for (links, length, refused) in [(7, 300, false), (7, 512, true), (8, 1, true)] {
        let external = world.external(json!({ "act": chain(links, length) }));
        let token = world.exchange("edge", (JWT, &external), &[]).await.token();
        let next = world.exchange("svc", (JWT, &token), &[]).await;
        assert_eq!(next.error(), if refused { REFUSED } else { (200, "none") }, "{links} of {length}");
    }
}
