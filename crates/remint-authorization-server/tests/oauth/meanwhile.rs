//! What happens while a token is being made.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use remint_core::{
    Authentication, Authenticator, Clock as _, Credential, Enricher, Enrichment, Ext, Identity, IssuerId, Refusal,
    Revocation, Revoker, SessionId, Subject, Target, Timestamp, TokenId, Unavailable, Verified,
};
use remint_normalize::Authority;
use remint_revocation::Revocations;
use serde_json::json;

use crate::support::*;

/// Whoever this authority knows.
#[derive(Debug)]
struct Known(Authority);

#[async_trait]
impl Authenticator for Known {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        self.0.begin().authenticate(credential).await.map(Some)
    }
}

/// Ends something after everybody was authenticated, and before anything is minted.
#[derive(Debug)]
struct Ending(Revocations, Target, Timestamp);

#[async_trait]
impl Enricher for Ending {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        let Self(revocations, target, at) = self;
        revocations.revoke(Revocation::ended(target.clone(), *at)).await?;
        Ok(Enrichment::new(Ext::new()))
    }
}

/// Changes something at the first times, as a subject's first token makes their user.
#[derive(Debug)]
struct Changing(Revocations, Target, AtomicUsize);

#[async_trait]
impl Enricher for Changing {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        let Self(revocations, target, times) = self;
        if times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            revocations.revoke(Revocation::changed(target.clone(), Timestamp::from_secs(1))).await?;
        }
        Ok(Enrichment::new(Ext::new()))
    }
}

/// Knows something until then.
#[derive(Debug)]
struct Until(Timestamp);

#[async_trait]
impl Enricher for Until {
    async fn enrich(&self, _: &Identity) -> Result<Enrichment, Unavailable> {
        Ok(Enrichment { valid_until: self.0, ..Enrichment::new(Ext::new()) })
    }
}

/// The same server with an enricher.
fn enriched(world: &World, enricher: impl Enricher) -> Router {
    let known = Known(world.authority.clone());
    world.server_of(|line| line.authenticator(known).enricher(enricher))
}

fn idp() -> IssuerId {
    IssuerId::new(IDP).unwrap()
}

fn token(id: &str) -> Target {
    Target::Token { issuer: idp(), id: TokenId::new(id).unwrap() }
}

#[tokio::test]
async fn what_is_ended_while_a_token_is_made_leaves_none() {
    let alice = Target::Subject { issuer: idp(), subject: Subject::new("alice").unwrap() };
    for (target, status) in [(token("ext-1"), 400), (alice, 400), (token("other"), 200)] {
        let mut world = World::new().await;
        world.app = enriched(&world, Ending(world.revocations.clone(), target.clone(), world.clock.now()));
        let external = world.external(json!({}));
        let answer = world.exchange("svc", (JWT, &external), &[]).await;
        assert_eq!(answer.status, status, "{target:?}");
        let answer = world.exchange("svc", (JWT, &external), &[]).await;
        assert_eq!(answer.status, status, "{target:?}");
    }
}

#[tokio::test]
async fn what_changes_once_while_a_token_is_made_is_asked_about_again_and_an_assertion_is_not() {
    let alice = Target::Subject { issuer: idp(), subject: Subject::new("alice").unwrap() };
    for (times, status) in [(1, 200), (2, 503)] {
        let mut world = World::new().await;
        world.app = enriched(&world, Changing(world.revocations.clone(), alice.clone(), AtomicUsize::new(times)));
        let external = world.external(json!({}));
        assert_eq!(world.exchange("svc", (JWT, &external), &[]).await.status, status, "{times}");
    }
    let mut world = World::new().await;
    world.app = enriched(&world, Changing(world.revocations.clone(), alice, AtomicUsize::new(1)));
    let external = world.external(json!({}));
    let bearer = world.token("svc", &[("grant_type", BEARER), ("assertion", &external)]).await;
    assert_eq!(bearer.error(), (503, "temporarily_unavailable"), "it is spent");
}

#[tokio::test]
async fn what_ends_the_actor_meanwhile_ends_the_delegation() {
    let session = Target::Session { issuer: idp(), session: SessionId::new("s-2").unwrap() };
    for (target, status) in [(token("ext-2"), 400), (session, 400), (token("other"), 200)] {
        let mut world = World::new().await;
        world.app = enriched(&world, Ending(world.revocations.clone(), target.clone(), world.clock.now()));
        let subject = world.external(json!({ "may_act": { "sub": "helper" } }));
        let helper = world.external(json!({ "sub": "helper", "jti": "ext-2", "sid": "s-2" }));
        let answer = world.delegate("svc", (JWT, &subject), (JWT, &helper)).await;
        assert_eq!(answer.status, status, "{target:?}");
    }
}

#[tokio::test]
async fn what_ends_the_actors_internal_token_meanwhile_ends_the_delegation() {
    let mut world = World::new().await;
    let subject = world.external(json!({ "may_act": { "sub": "helper" } }));
    let helper = world.external(json!({ "sub": "helper", "jti": "ext-2" }));
    let helper = world.exchange("edge", (JWT, &helper), &[]).await;
    let id = TokenId::new(helper.claims(&world)["jti"].as_str().unwrap()).unwrap();
    let target = Target::Token { issuer: IssuerId::new(ISSUER).unwrap(), id };
    world.app = enriched(&world, Ending(world.revocations.clone(), target, world.clock.now()));
    let answer = world.delegate("svc", (JWT, &subject), (JWT, &helper.token())).await;
    assert_eq!(answer.error(), (400, "invalid_request"));
}

#[tokio::test]
async fn knowledge_that_ends_too_soon_is_an_outage_and_no_bad_token() {
    let mut world = World::new().await;
    let external = world.external(json!({}));
    let now = world.clock.now();
    world.app = enriched(&world, Until(Timestamp::from_secs(now.as_secs()).saturating_add(Duration::from_millis(999))));
    let answer = world.exchange("svc", (JWT, &external), &[]).await;
    assert_eq!(answer.error(), (503, "temporarily_unavailable"));
    let bearer = world.token("svc", &[("grant_type", BEARER), ("assertion", &external)]).await;
    assert_eq!(bearer.error(), (503, "temporarily_unavailable"));
    world.app = enriched(&world, Until(now.saturating_add(Duration::from_secs(60))));
    assert_eq!(world.exchange("svc", (JWT, &external), &[]).await.body["expires_in"], 60);
}

#[tokio::test]
async fn a_server_that_is_blind_for_too_long_vouches_for_nobody() {
    let world = World::new().await;
    let token = world.exchange("svc", (JWT, &world.external(json!({}))), &[]).await.token();
    let _revocations = world.revocations.clone().with_max_staleness(Duration::ZERO);
    for subject in [token.clone(), world.external(json!({}))] {
        assert_eq!(world.exchange("svc", (JWT, &subject), &[]).await.status, 503);
    }
    let asked = post("/oauth2/introspect", &basic("edge", &secret("edge")), &[("token", &token)]);
    assert_eq!(world.send(asked).await.status, 503);
}
