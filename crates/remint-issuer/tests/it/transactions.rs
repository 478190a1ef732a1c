//! Transaction tokens.

use std::sync::Arc;
use std::time::Duration;

use remint_conformance::signer::LocalSigner;
use remint_core::{Actor, Audience, ClientId, DeniedKind, Identity, MayAct, MintRequest, Scopes, Timestamp, Verified};
use remint_issuer::{
    Issuer, IssuerError, Transaction, TransactionContext, TransactionError, TransactionIssuer, TransactionMintRequest,
    TransactionReplacement, TransactionToken,
};
use remint_jwt::{Algorithm, Jws};
use remint_testkit::ManualClock;
use serde_json::json;

use crate::support::{builder, identity};

const DOMAIN: &str = "trust-domain.example";

fn domain() -> Audience {
    Audience::new(DOMAIN).unwrap()
}

fn scopes(text: &str) -> Scopes {
    text.parse().unwrap()
}

fn client(id: &str) -> ClientId {
    ClientId::new(id).unwrap()
}

fn context(value: &serde_json::Value) -> TransactionContext {
    TransactionContext::parse(value.to_string().as_bytes()).unwrap()
}

fn over(issuer: Issuer) -> TransactionIssuer {
    TransactionIssuer::new(Arc::new(issuer), domain()).unwrap()
}

fn transactions(clock: &ManualClock) -> TransactionIssuer {
    over(builder(clock).build().unwrap())
}

/// Alice, for whom a worker acts, with two scopes.
fn alice() -> Identity {
    Identity {
        scopes: scopes("trade.bonds trade.stocks"),
        tenant: Some("acme".parse().unwrap()),
        actor: Some(Actor::new("worker".parse().unwrap(), None)),
        may_act: Some(MayAct { subject: "worker".parse().unwrap(), issuer: None }),
        plan: Some("gold".parse().unwrap()),
        credential_ends: Some(Timestamp::MAX),
        confirmation: Some(remint_core::Confirmation::Jkt([1; 32])),
        ..identity()
    }
}

/// What a gateway asks for.
struct Asked {
    identity: Identity,
    not_after: Timestamp,
    audience: Audience,
    scopes: Scopes,
    requester: ClientId,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            identity: alice(),
            not_after: Timestamp::MAX,
            audience: domain(),
            scopes: scopes("trade.bonds trade.stocks"),
            requester: client("gateway"),
        }
    }
}

impl Asked {
    async fn of(&self, transactions: &TransactionIssuer) -> Result<TransactionToken, TransactionError> {
        let request = TransactionMintRequest {
            identity: &self.identity,
            not_after: self.not_after,
            requester: &self.requester,
            audience: &self.audience,
            scopes: &self.scopes,
            request_context: Some(context(&json!({ "req_ip": "192.0.2.1" }))),
            request_details: Some(context(&json!({ "action": "BUY" }))),
        };
        transactions.mint(&request).await
    }
}

async fn first(transactions: &TransactionIssuer) -> Verified<Transaction> {
    let token = Asked::default().of(transactions).await.unwrap();
    transactions.verify(token.expose_secret()).unwrap()
}

/// A replacement that asks for nothing else than there is.
fn the_same<'a>(
    transaction: &'a Verified<Transaction>,
    requester: &'a ClientId,
    audience: &'a Audience,
) -> TransactionReplacement<'a> {
    let (scopes, request_context, request_details) = (None, None, None);
    TransactionReplacement { transaction, requester, audience, scopes, request_context, request_details }
}

#[tokio::test]
async fn a_token_says_what_was_asked_for_and_all_that_is_known_of_the_caller() {
    let clock = ManualClock::default();
    let transactions = transactions(&clock);
    let token = Asked::default().of(&transactions).await.unwrap();
    assert!(token.header().is_sensitive());
    assert_eq!(token.header(), token.expose_secret());
    assert!(!format!("{token:?}").contains("eyJ"));
    assert_eq!(token.expires_at(), Timestamp::from_secs(1_767_225_660));

    let verified = transactions.verify(token.expose_secret()).unwrap();
    let expected = Transaction {
        id: token.id().clone(),
        trust_domain: domain(),
        identity: Identity { may_act: None, plan: None, credential_ends: None, confirmation: None, ..alice() },
        requester: client("gateway"),
        earlier_requesters: Vec::new(),
        request_context: context(&json!({ "req_ip": "192.0.2.1" })),
        request_details: context(&json!({ "action": "BUY" })),
        issued_at: Timestamp::from_secs(1_767_225_600),
        expires_at: Timestamp::from_secs(1_767_225_660),
    };
    assert_eq!(*verified.get(), expected);
    assert_eq!(verified.get().actor().unwrap().subject.as_str(), "worker");
}

#[tokio::test]
async fn each_transaction_has_a_name_of_its_own() {
    let transactions = transactions(&ManualClock::default());
    assert_ne!(first(&transactions).await.get().id, first(&transactions).await.get().id);
}

#[tokio::test]
async fn a_transaction_token_verifies_under_the_issuers_own_key_set_and_is_none_of_its_access_tokens() {
    let issuer = Arc::new(builder(&ManualClock::default()).build().unwrap());
    let transactions = TransactionIssuer::new(Arc::clone(&issuer), domain()).unwrap();
    let token = Asked::default().of(&transactions).await.unwrap();
    let jws = Jws::parse(token.expose_secret()).unwrap();
    assert_eq!(jws.header().token_type(), Some("txntoken+jwt"));
    let key = issuer.key_set().find(jws.header().key_id(), jws.header().algorithm()).unwrap();
    let claims = jws.verify(&key).unwrap().into_inner();
    assert_eq!((claims.issuer().unwrap(), claims.get("jti")), ("https://auth.internal", None));

    let access = issuer.mint(&MintRequest::new(&alice(), Timestamp::MAX)).unwrap();
    assert_eq!(transactions.verify(access.expose_secret()).unwrap_err().kind(), DeniedKind::TokenType);
}

#[tokio::test]
async fn a_key_that_is_held_elsewhere_signs_them_too() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256] {
        let signer = LocalSigner::generate(algorithm);
        let transactions = over(builder(&ManualClock::default()).signer(signer).build().unwrap());
        assert_eq!(first(&transactions).await.get().subject().as_str(), "alice");
    }
}

#[tokio::test]
async fn a_token_lives_no_longer_than_what_it_comes_from() {
    let clock = ManualClock::default();
    let transactions = transactions(&clock);
    let until = |seconds: u64| Asked { not_after: Timestamp::from_secs(1_767_225_600 + seconds), ..Asked::default() };
    for (seconds, lives) in [(1, 1), (59, 59), (60, 60), (61, 60)] {
        let token = until(seconds).of(&transactions).await.unwrap();
        assert_eq!(token.expires_at(), Timestamp::from_secs(1_767_225_600 + lives));
    }
    assert!(matches!(until(0).of(&transactions).await, Err(TransactionError::Ended)));
    clock.advance(Duration::from_millis(500));
    assert!(matches!(until(0).of(&transactions).await, Err(TransactionError::Ended)));
}

#[tokio::test]
async fn the_time_to_live_is_short_and_never_longer_than_keys_are_published() {
    let of = |ttl| transactions_with_internal_ttl(Duration::from_secs(ttl));
    assert_eq!(of(300).ttl(), Duration::from_secs(60));
    assert_eq!(of(30).ttl(), Duration::from_secs(30));
    assert_eq!(of(300).with_ttl(Duration::from_secs(300)).unwrap().ttl(), Duration::from_secs(300));
    for (internal, ttl) in [(300, 0), (30, 31), (600, 301)] {
        let error = of(internal).with_ttl(Duration::from_secs(ttl)).unwrap_err();
        assert!(matches!(error, IssuerError::Setting(_)), "{internal} {ttl}");
    }
    let short = of(300).with_ttl(Duration::from_secs(5)).unwrap();
    assert_eq!(Asked::default().of(&short).await.unwrap().expires_at(), Timestamp::from_secs(1_767_225_605));
}

fn transactions_with_internal_ttl(ttl: Duration) -> TransactionIssuer {
    over(builder(&ManualClock::default()).ttl(ttl).build().unwrap())
}

#[test]
fn a_trust_domain_is_no_audience_of_internal_tokens() {
    let issuer = builder(&ManualClock::default()).also_audience(domain()).build().unwrap();
    let error = TransactionIssuer::new(Arc::new(issuer), domain()).unwrap_err();
    assert!(matches!(error, IssuerError::Setting(_)));
}

#[tokio::test]
async fn another_audience_than_the_trust_domain_is_refused() {
    let transactions = transactions(&ManualClock::default());
    assert_eq!(transactions.trust_domain(), &domain());
    for other in ["internal", "trust-domain.example.", "TRUST-DOMAIN.EXAMPLE"] {
        let asked = Asked { audience: Audience::new(other).unwrap(), ..Asked::default() };
        assert!(matches!(asked.of(&transactions).await, Err(TransactionError::TrustDomain)), "{other}");
    }
}

#[tokio::test]
async fn scopes_are_asked_for_and_never_widened() {
    let transactions = transactions(&ManualClock::default());
    let asking = |text| Asked { scopes: scopes(text), ..Asked::default() };
    for wide in ["", "admin", "trade.stocks admin"] {
        assert!(matches!(asking(wide).of(&transactions).await, Err(TransactionError::Scope)), "{wide}");
    }
    let narrow = asking("trade.stocks").of(&transactions).await.unwrap();
    assert_eq!(transactions.verify(narrow.expose_secret()).unwrap().get().scopes(), &scopes("trade.stocks"));
    // Unknown scopes of the subject are none, and not any.
    let unknown = Asked { identity: identity(), scopes: scopes("trade.stocks"), ..Asked::default() };
    assert!(matches!(unknown.of(&transactions).await, Err(TransactionError::Scope)));
}

#[tokio::test]
async fn what_no_service_would_accept_is_refused_and_not_a_token() {
    let mut identity = alice();
    identity.ext.insert("x", "x".repeat(16 * 1024)).unwrap();
    let asked = Asked { identity, ..Asked::default() };
    let error = asked.of(&transactions(&ManualClock::default())).await.unwrap_err();
    assert!(matches!(error, TransactionError::TooLong));
}

#[tokio::test]
async fn a_replacement_keeps_the_transaction_and_names_who_asked_for_what_it_replaces() {
    let clock = ManualClock::default();
    let transactions = transactions(&clock);
    let one = first(&transactions).await;
    clock.advance(Duration::from_secs(10));
    let (domain, orders, stock, narrow) = (domain(), client("orders"), client("stock"), scopes("trade.stocks"));
    let asked = TransactionReplacement {
        scopes: Some(&narrow),
        request_context: Some(context(&json!({ "req_ip": "192.0.2.1", "hop": 2 }))),
        request_details: Some(context(&json!({ "action": "BUY" }))),
        ..the_same(&one, &orders, &domain)
    };
    let token = transactions.replace(&asked).await.unwrap();
    let two = transactions.verify(token.expose_secret()).unwrap();
    let mut identity = one.get().identity.clone();
    identity.scopes = narrow.clone();
    let expected = Transaction {
        identity,
        requester: orders.clone(),
        earlier_requesters: vec![client("gateway")],
        request_context: context(&json!({ "req_ip": "192.0.2.1", "hop": 2 })),
        issued_at: Timestamp::from_secs(1_767_225_610),
        ..one.get().clone()
    };
    assert_eq!(*two.get(), expected, "the same txn, sub, aud, act, tctx and exp");
    assert_eq!(token.id(), &one.get().id);

    let token = transactions.replace(&the_same(&two, &stock, &domain)).await.unwrap();
    let three = transactions.verify(token.expose_secret()).unwrap();
    assert_eq!(three.get().earlier_requesters, [client("gateway"), orders]);
    assert_eq!((three.get().scopes(), &three.get().requester), (&narrow, &stock));
}

#[tokio::test]
async fn a_replacement_widens_nothing_and_changes_nothing() {
    let transactions = transactions(&ManualClock::default());
    let one = first(&transactions).await;
    let (domain, other, orders) = (domain(), Audience::new("other").unwrap(), client("orders"));
    let (wide, none) = (scopes("trade.stocks admin"), Scopes::new());
    let same = || the_same(&one, &orders, &domain);
    let refused = async |asked: TransactionReplacement<'_>| transactions.replace(&asked).await.unwrap_err();
    assert!(matches!(refused(the_same(&one, &orders, &other)).await, TransactionError::TrustDomain));
    for scopes in [&wide, &none] {
        let asked = TransactionReplacement { scopes: Some(scopes), ..same() };
        assert!(matches!(refused(asked).await, TransactionError::Scope));
    }
    for details in [json!({}), json!({ "action": "SELL" }), json!({ "action": "BUY", "quantity": 1 })] {
        let asked = TransactionReplacement { request_details: Some(context(&details)), ..same() };
        assert!(matches!(refused(asked).await, TransactionError::Details), "{details}");
    }
    let asked =
        TransactionReplacement { request_context: Some(context(&json!({ "req_ip": "198.51.100.1" }))), ..same() };
    assert!(matches!(refused(asked).await, TransactionError::Context(_)));
}

#[tokio::test]
async fn a_token_is_not_replaced_without_end() {
    let transactions = transactions(&ManualClock::default());
    let (domain, orders) = (domain(), client("orders"));
    let mut held = first(&transactions).await;
    for _ in 0..8 {
        let token = transactions.replace(&the_same(&held, &orders, &domain)).await.unwrap();
        held = transactions.verify(token.expose_secret()).unwrap();
    }
    let refused = transactions.replace(&the_same(&held, &orders, &domain)).await.unwrap_err();
    assert!(matches!(refused, TransactionError::Chain));
}

#[tokio::test]
async fn a_token_that_has_ended_is_not_replaced() {
    let clock = ManualClock::default();
    let transactions = transactions(&clock);
    let token = Asked::default().of(&transactions).await.unwrap();
    let held = transactions.verify(token.expose_secret()).unwrap();
    clock.advance(Duration::from_secs(60));
    assert_eq!(transactions.verify(token.expose_secret()).unwrap_err().kind(), DeniedKind::Expired);
    let (domain, orders) = (domain(), client("orders"));
    let refused = transactions.replace(&the_same(&held, &orders, &domain)).await.unwrap_err();
    assert!(matches!(refused, TransactionError::Ended));
}

#[tokio::test]
async fn another_issuers_transaction_token_is_not_read() {
    let clock = ManualClock::default();
    let (ours, theirs) = (transactions(&clock), transactions(&clock));
    let token = Asked::default().of(&theirs).await.unwrap();
    assert_eq!(ours.verify(token.expose_secret()).unwrap_err().kind(), DeniedKind::UnknownKeyId);
    let own = Asked::default().of(&ours).await.unwrap();
    let (signed, _) = own.expose_secret().rsplit_once('.').unwrap();
    let (_, signature) = token.expose_secret().rsplit_once('.').unwrap();
    assert_eq!(ours.verify(&format!("{signed}.{signature}")).unwrap_err().kind(), DeniedKind::Signature);
    let elsewhere = Audience::new("elsewhere").unwrap();
    let issuer = Arc::new(builder(&clock).build().unwrap());
    let there = TransactionIssuer::new(Arc::clone(&issuer), elsewhere.clone()).unwrap();
    let asked = Asked { audience: elsewhere, ..Asked::default() };
    let token = asked.of(&there).await.unwrap();
    let here = TransactionIssuer::new(issuer, domain()).unwrap();
    assert_eq!(here.verify(token.expose_secret()).unwrap_err().kind(), DeniedKind::Audience);
}
