//! The caller's token, exchanged for the next audience.

use std::sync::Arc;
use std::time::Duration;

use remint_core::{Audience, Clock as _, Scopes};
use remint_exchange::outbound::{
    CallerToken, ClientCredentialsTokens, ExchangedTokens, ExchangedTokensBuilder, OutboundError, TokenSource, TokenUse,
};
use remint_jwt::{Algorithm, SigningKey};
use remint_testkit::ManualClock;
use serde_json::json;

use super::support::{TokenEndpoint, parameter, settle};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

struct Setup {
    server: Arc<TokenEndpoint>,
    clock: ManualClock,
}

impl Setup {
    fn new() -> Self {
        Self { server: TokenEndpoint::new(), clock: ManualClock::default() }
    }

    fn builder(&self) -> ExchangedTokensBuilder {
        let audience = Audience::new("billing").unwrap();
        ExchangedTokens::builder(self.server.endpoint(&self.clock), audience).clock(Arc::new(self.clock.clone()))
    }

    fn caller(&self, name: &str, lives: u64) -> CallerToken {
        let claims = json!({ "sub": name, "exp": self.clock.now().as_secs() + lives });
        CallerToken::new(SigningKey::generate(Algorithm::Es256).unwrap().sign("at+jwt", &claims).unwrap())
    }
}

async fn token(tokens: &ExchangedTokens, caller: &CallerToken) -> Result<String, OutboundError> {
    tokens.token(Some(caller)).await.map(|token| token.expose_secret().to_owned())
}

#[tokio::test]
async fn the_request_is_that_of_rfc_8693() {
    let setup = Setup::new();
    let scopes: Scopes = "read".parse().unwrap();
    let tokens = setup.builder().scope(&scopes).resource(&"https://b.example/".parse().unwrap()).build().unwrap();
    let caller = setup.caller("alice", 300);
    assert_eq!(token(&tokens, &caller).await.unwrap(), "t-1");
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("requested_token_type", ACCESS_TOKEN),
        ("audience", "billing"),
        ("scope", "read"),
        ("resource", "https://b.example/"),
        ("subject_token", caller.expose_secret()),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    assert_eq!(setup.server.asked(0), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn without_a_caller_there_is_no_token_of_somebody_else() {
    let setup = Setup::new();
    let tokens = setup.builder().build().unwrap();
    token(&tokens, &setup.caller("alice", 300)).await.unwrap();
    assert!(matches!(tokens.token(None).await, Err(OutboundError::NoCaller)));
}

#[tokio::test]
async fn it_is_kept_for_the_same_caller_and_no_other() {
    let setup = Setup::new();
    let tokens = setup.builder().build().unwrap();
    let (alice, bob) = (setup.caller("alice", 300), setup.caller("bob", 300));
    assert_eq!(token(&tokens, &alice).await.unwrap(), "t-1");
    assert_eq!(token(&tokens, &bob).await.unwrap(), "t-2");
    assert_eq!(token(&tokens, &alice).await.unwrap(), "t-1");
    assert_eq!(token(&tokens, &setup.caller("alice", 300)).await.unwrap(), "t-3", "another token of the same caller");
    let other = setup.builder().build().unwrap();
    assert_eq!(token(&other, &alice).await.unwrap(), "t-4", "another source is another audience");
}

#[tokio::test]
async fn it_is_used_no_longer_than_either_token_lasts() {
    let setup = Setup::new();
    let tokens = setup.builder().build().unwrap();
    let short = setup.caller("alice", 100);
    token(&tokens, &short).await.unwrap();
    setup.clock.advance(Duration::from_millis(99_999));
    assert_eq!(token(&tokens, &short).await.unwrap(), "t-1");
    setup.clock.advance(Duration::from_millis(1));
    setup.server.then(400, json!({ "error": "invalid_request" }));
    assert!(matches!(token(&tokens, &short).await, Err(OutboundError::NotExchanged(_))));
    let long = setup.caller("alice", 3600);
    assert_eq!(token(&tokens, &long).await.unwrap(), "t-3");
    setup.clock.advance(Duration::from_millis(284_999));
    assert_eq!(token(&tokens, &long).await.unwrap(), "t-3");
    setup.clock.advance(Duration::from_millis(1));
    assert_eq!(token(&tokens, &long).await.unwrap(), "t-4", "15 seconds before it ends");
}

#[tokio::test]
async fn all_who_wait_share_one_exchange() {
    let setup = Setup::new();
    let tokens = setup.builder().build().unwrap();
    let alice = setup.caller("alice", 300);
    let gate = setup.server.gated();
    let (one, two, ()) = tokio::join!(token(&tokens, &alice), token(&tokens, &alice), async {
        settle().await;
        gate.add_permits(1);
    });
    assert_eq!((one.unwrap(), two.unwrap()), ("t-1".to_owned(), "t-1".to_owned()));
    assert_eq!(setup.server.count(), 1);
}

#[tokio::test]
async fn the_callers_fault_and_ours_are_told_apart_and_neither_is_kept() {
    let setup = Setup::new();
    let tokens = setup.builder().build().unwrap();
    let alice = setup.caller("alice", 300);
    for code in ["invalid_request", "invalid_grant"] {
        setup.server.then(400, json!({ "error": code }));
        assert!(matches!(token(&tokens, &alice).await, Err(OutboundError::NotExchanged(_))), "{code}");
    }
    for (status, code) in [
        (401, "invalid_client"),
        (400, "invalid_target"),
        (400, "invalid_scope"),
        (500, "x"),
        (401, "invalid_grant"),
        (503, "invalid_request"),
    ] {
        setup.server.then(status, json!({ "error": code }));
        assert!(matches!(token(&tokens, &alice).await, Err(OutboundError::Unavailable(_))), "{code}");
    }
    for answer in [json!({}), json!({ "access_token": "x", "token_type": "N_A", "expires_in": 60 })] {
        setup.server.then(200, answer);
        assert!(matches!(token(&tokens, &alice).await, Err(OutboundError::Unavailable(_))));
    }
    token(&tokens, &alice).await.unwrap();
}

#[tokio::test]
async fn memory_is_bounded() {
    let setup = Setup::new();
    let tokens = setup.builder().capacity(20_000).build().unwrap();
    for number in 0..200 {
        token(&tokens, &CallerToken::new(format!("opaque-{number}"))).await.unwrap();
    }
    let asked = setup.server.count();
    let mut kept = 0;
    for number in 0..200 {
        let before = setup.server.count();
        token(&tokens, &CallerToken::new(format!("opaque-{number}"))).await.unwrap();
        kept += usize::from(setup.server.count() == before);
    }
    assert_eq!(asked, 200);
    assert!(kept < 100, "{kept} of at most about 45 are kept");
}

#[tokio::test]
async fn who_acts_for_the_caller_is_sent_along() {
    let setup = Setup::new();
    let endpoint = setup.server.endpoint(&setup.clock);
    let clock = Arc::new(setup.clock.clone());
    let own = ClientCredentialsTokens::with_clock(endpoint, None, &Scopes::new(), &[], clock).unwrap();
    let tokens = setup.builder().actor(own).build().unwrap();
    assert_eq!(token(&tokens, &setup.caller("alice", 300)).await.unwrap(), "t-2");
    let asked = setup.server.asked(1);
    assert_eq!(parameter(&asked, "actor_token").as_deref(), Some("t-1"));
    assert_eq!(parameter(&asked, "actor_token_type").as_deref(), Some(ACCESS_TOKEN));
}

#[tokio::test]
async fn without_the_actor_nothing_is_exchanged() {
    let setup = Setup::new();
    let endpoint = setup.server.endpoint(&setup.clock);
    let clock = Arc::new(setup.clock.clone());
    let own = ClientCredentialsTokens::with_clock(endpoint, None, &Scopes::new(), &[], clock).unwrap();
    let tokens = setup.builder().actor(own).build().unwrap();
    setup.server.then(401, json!({ "error": "invalid_client" }));
    assert!(matches!(token(&tokens, &setup.caller("alice", 300)).await, Err(OutboundError::Unavailable(_))));
    assert_eq!(setup.server.count(), 1);
}

#[tokio::test]
async fn a_transaction_token_is_for_one_request() {
    let setup = Setup::new();
    let tokens = setup.builder().transaction_tokens().parameter("request_context", "{}").build().unwrap();
    let alice = setup.caller("alice", 300);
    for expected in ["t-1", "t-2"] {
        let token = tokens.token(Some(&alice)).await.unwrap();
        assert_eq!((token.expose_secret(), token.token_use()), (expected, TokenUse::NotAccess));
    }
    let asked = setup.server.asked(0);
    let requested = parameter(&asked, "requested_token_type");
    assert_eq!(requested.as_deref(), Some("urn:ietf:params:oauth:token-type:txn_token"));
    assert_eq!(parameter(&asked, "request_context").as_deref(), Some("{}"));
    let gate = setup.server.gated();
    let (one, two, ()) = tokio::join!(token(&tokens, &alice), token(&tokens, &alice), async {
        settle().await;
        gate.add_permits(2);
    });
    assert_ne!(one.unwrap(), two.unwrap(), "not even of two at the same time");
}
