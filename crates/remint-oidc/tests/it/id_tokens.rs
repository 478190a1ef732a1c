//! ID tokens are accepted where a trust says so, for its clients, and by an authenticator of their own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::sync::Arc;

use remint_core::{
    Authentication, Authenticator, ClientId, Credential, CredentialForm, DeniedKind, Refusal, Scopes, Slot, TenantId,
};
use remint_oidc::{
    ClientCredentials, ClientSecret, IdTokenAuthenticator, Introspection, OidcAuthenticator, Trust, TrustErrorKind,
};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, Edge, FakeHttp, ISSUER, OWN, Provider};

const CLIENT: &str = "web-app";

/// The two authenticators over one set of trusts.
struct Asked {
    provider: Provider,
    access_tokens: Arc<OidcAuthenticator>,
    id_tokens: IdTokenAuthenticator,
}

impl Asked {
    fn new(trust: impl FnOnce(Trust) -> Trust) -> Self {
        let provider = Provider::new();
        let edge = provider.edge(trust(provider.trust()));
        let access_tokens = Arc::new(edge.0);
        let id_tokens = access_tokens.id_tokens();
        Self { provider, access_tokens, id_tokens }
    }

    fn accepting() -> Self {
        Self::new(|trust| trust.id_tokens([CLIENT, "mobile-app"]))
    }

    /// An ID token as a provider makes it, with these claims in addition or instead.
    fn token(&self, changes: Value) -> String {
        self.typed(Some("JWT"), changes)
    }

    fn typed(&self, typ: Option<&str>, changes: Value) -> String {
        let mut claims = self.provider.with(json!({ "aud": CLIENT, "nonce": "n-0S6_WzA2Mj", "at_hash": "MTIzNDU2" }));
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        let mut header = self.provider.header();
        header.typ = typ.map(Into::into);
        self.provider.sign_with(&header, &claims)
    }

    async fn ask(&self, token: &str) -> Result<Authentication, Refusal> {
        let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, token);
        self.id_tokens.authenticate(credential).await.map(|found| found.unwrap().into_inner())
    }

    async fn denies(&self, token: &str) -> DeniedKind {
        denied(self.ask(token).await)
    }
}

fn denied(outcome: Result<Authentication, Refusal>) -> DeniedKind {
    match outcome {
        Err(Refusal::Denied(denied)) => denied.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_id_token_says_who_somebody_is_and_gives_them_no_scope() {
    let asked = Asked::new(|trust| trust.id_tokens([CLIENT]).any_scope().any_tenant());
    let token = asked.token(json!({ "scope": "openid orders:read", "scp": ["admin"], "org_id": "acme" }));
    let authentication = asked.ask(&token).await.unwrap();
    let identity = authentication.identity;
    assert_eq!(identity.subject.as_str(), "idp.example|alice");
    assert_eq!(identity.client, ClientId::new(CLIENT).unwrap());
    assert_eq!(identity.scopes, Scopes::new());
    assert_eq!(identity.tenant, Some(TenantId::new("acme").unwrap()));
    assert_eq!(authentication.also_named.len(), 1);
}

#[tokio::test]
async fn no_tenant_passes_unless_the_trust_says_so() {
    let asked = Asked::accepting();
    let token = asked.token(json!({ "org_id": "acme" }));
    assert_eq!(asked.ask(&token).await.unwrap().identity.tenant, None);
    let limited = Asked::new(|trust| trust.id_tokens([CLIENT]).tenants(["other"]));
    assert_eq!(limited.denies(&limited.token(json!({ "org_id": "acme" }))).await, DeniedKind::Tenant);
}

#[tokio::test]
async fn an_id_token_is_refused_as_an_access_token_and_an_access_token_as_an_id_token() {
    let asked = Asked::accepting();
    for token in [asked.token(json!({})), asked.token(json!({ "nonce": null, "at_hash": null }))] {
        asked.ask(&token).await.unwrap();
        let credential = Credential::new(Slot::Bearer, CredentialForm::Jwt, &token);
        let at_the_edge = asked.access_tokens.authenticate(credential).await;
        let kind = denied(at_the_edge.map(|found| found.unwrap().into_inner()));
        assert!(matches!(kind, DeniedKind::TokenType | DeniedKind::Audience), "{kind:?}");
    }
    let access_token = asked.provider.sign(&asked.provider.claims());
    assert_eq!(asked.denies(&access_token).await, DeniedKind::TokenType);
    assert_eq!(asked.denies(&asked.typed(Some("JWT"), json!({ "aud": AUDIENCE }))).await, DeniedKind::Audience);
}

#[tokio::test]
async fn a_trust_that_says_nothing_of_id_tokens_accepts_none() {
    let asked = Asked::new(|trust| trust);
    assert_eq!(asked.denies(&asked.token(json!({}))).await, DeniedKind::TokenType);
    let none = Asked::new(|trust| trust.id_tokens(Vec::<String>::new()));
    assert_eq!(none.denies(&none.token(json!({}))).await, DeniedKind::TokenType);
}

#[tokio::test]
async fn a_text_without_the_shape_of_a_jwt_is_for_others() {
    let asked = Asked::accepting();
    let key = Credential::new(Slot::Bearer, CredentialForm::ApiKey, "rmt_live_abc");
    assert!(asked.id_tokens.authenticate(key).await.unwrap().is_none());
}

#[tokio::test]
async fn its_type_is_absent_or_jwt() {
    let asked = Asked::accepting();
    for typ in [None, Some("JWT"), Some("jwt"), Some("application/jwt")] {
        asked.ask(&asked.typed(typ, json!({}))).await.unwrap();
    }
    for typ in ["at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "txntoken+jwt", ""] {
        assert_eq!(asked.denies(&asked.typed(Some(typ), json!({}))).await, DeniedKind::TokenType, "{typ}");
    }
}

#[tokio::test]
async fn what_shows_itself_as_another_kind_of_token_is_refused() {
    let asked = Asked::accepting();
    for (changes, kind) in [
        (json!({ "events": {} }), DeniedKind::TokenType),
        (json!({ "typ": "Bearer" }), DeniedKind::TokenType),
        (json!({ "typ": "Refresh" }), DeniedKind::TokenType),
        (json!({ "typ": 1 }), DeniedKind::TokenType),
        (json!({ "token_use": "access" }), DeniedKind::TokenType),
        (json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }), DeniedKind::SenderConstrained),
    ] {
        assert_eq!(asked.denies(&asked.token(changes.clone())).await, kind, "{changes}");
    }
    asked.ask(&asked.token(json!({ "typ": "ID", "token_use": "id" }))).await.unwrap();
}

#[tokio::test]
async fn it_is_for_a_client_of_the_trust_and_for_nobody_who_is_not_trusted() {
    let asked = Asked::accepting();
    for (aud, azp) in [
        (json!(CLIENT), None),
        (json!([CLIENT]), None),
        (json!(CLIENT), Some("mobile-app")),
        (json!([CLIENT, "mobile-app"]), Some("mobile-app")),
        (json!([CLIENT, AUDIENCE]), Some(CLIENT)),
    ] {
        let token = asked.token(json!({ "aud": aud, "azp": azp }));
        let client = azp.unwrap_or(CLIENT);
        assert_eq!(asked.ask(&token).await.unwrap().identity.client.as_str(), client, "{aud} {azp:?}");
    }
    for (changes, kind) in [
        (json!({ "aud": null }), DeniedKind::Audience),
        (json!({ "aud": "other-app" }), DeniedKind::Audience),
        (json!({ "aud": "WEB-APP" }), DeniedKind::Audience),
        (json!({ "aud": [AUDIENCE], "azp": CLIENT }), DeniedKind::Audience),
        (json!({ "aud": [CLIENT, "other-app"], "azp": CLIENT }), DeniedKind::Audience),
        (json!({ "aud": [] }), DeniedKind::Claim),
        (json!({ "aud": [CLIENT, 1] }), DeniedKind::Claim),
        (json!({ "aud": [CLIENT, "mobile-app"] }), DeniedKind::Client),
        (json!({ "azp": "other-app" }), DeniedKind::Client),
        (json!({ "azp": AUDIENCE }), DeniedKind::Client),
        (json!({ "client_id": "other-app" }), DeniedKind::Client),
        (json!({ "azp": CLIENT, "client_id": "other-app" }), DeniedKind::Client),
        (json!({ "azp": "" }), DeniedKind::Claim),
        (json!({ "azp": [CLIENT] }), DeniedKind::Claim),
    ] {
        assert_eq!(asked.denies(&asked.token(changes.clone())).await, kind, "{changes}");
    }
}

#[tokio::test]
async fn azp_counts_wherever_the_clients_of_access_tokens_are_named() {
    let asked = Asked::new(|trust| trust.id_tokens([CLIENT]).client_claims(["cid"]));
    assert_eq!(asked.denies(&asked.token(json!({ "azp": "other-app" }))).await, DeniedKind::Client);
    assert_eq!(asked.denies(&asked.token(json!({ "cid": "other-app" }))).await, DeniedKind::Client);
    asked.ask(&asked.token(json!({ "azp": CLIENT, "cid": CLIENT }))).await.unwrap();
}

#[tokio::test]
async fn the_allow_list_of_access_tokens_has_no_say() {
    let asked = Asked::new(|trust| trust.clients(["backend"]).id_tokens([CLIENT]));
    asked.ask(&asked.token(json!({}))).await.unwrap();
    assert_eq!(asked.denies(&asked.token(json!({ "azp": "backend" }))).await, DeniedKind::Client);
}

#[tokio::test]
async fn everything_else_is_asked_of_it_as_of_an_access_token() {
    let asked = Asked::accepting();
    let now = asked.provider.claims()["iat"].as_u64().unwrap();
    for (changes, kind) in [
        (json!({ "iss": "https://idp.example/" }), DeniedKind::UntrustedIssuer),
        (json!({ "iss": OWN }), DeniedKind::UntrustedIssuer),
        (json!({ "exp": now }), DeniedKind::Expired),
        (json!({ "exp": null }), DeniedKind::Claim),
        (json!({ "iat": null }), DeniedKind::Claim),
        (json!({ "iat": now + 31 }), DeniedKind::NotYetValid),
        (json!({ "nbf": now + 31 }), DeniedKind::NotYetValid),
        (json!({ "exp": now + 24 * 3600 + 1 }), DeniedKind::Lifetime),
        (json!({ "sub": null }), DeniedKind::Claim),
    ] {
        assert_eq!(asked.denies(&asked.token(changes.clone())).await, kind, "{changes}");
    }
    let other = Asked::accepting();
    let mut forged = asked.provider.header();
    forged.typ = Some("JWT".into());
    let claims = asked.provider.with(json!({ "aud": CLIENT }));
    let forged = other.provider.sign_with(&forged, &claims);
    assert_eq!(asked.denies(&forged).await, DeniedKind::Signature);
}

#[tokio::test]
async fn what_an_id_token_carries_along_is_held_to_the_word() {
    let asked = Asked::accepting();
    for changes in [
        json!({ "acr": 2 }),
        json!({ "amr": [{ "method": "password" }] }),
        json!({ "auth_time": "2026-01-01T00:00:00Z" }),
        json!({ "sid": 7 }),
        json!({ "jti": "x".repeat(257) }),
        json!({ "act": "worker" }),
        json!({ "may_act": "worker" }),
    ] {
        assert_eq!(asked.denies(&asked.token(changes.clone())).await, DeniedKind::Claim, "{changes}");
    }
}

#[tokio::test]
async fn whoever_is_trusted_no_more_is_not_trusted_with_id_tokens_either() {
    let asked = Asked::accepting();
    let token = asked.token(json!({}));
    asked.ask(&token).await.unwrap();
    assert!(asked.access_tokens.remove(ISSUER));
    assert_eq!(asked.denies(&token).await, DeniedKind::UntrustedIssuer);
}

fn introspection() -> Introspection {
    let credentials = ClientCredentials::secret_basic(ClientId::new("edge").unwrap(), ClientSecret::new("secret"));
    Introspection::new(credentials).endpoint("https://idp.example/introspect")
}

#[tokio::test]
async fn an_issuer_that_is_asked_about_its_tokens_is_not_asked_about_id_tokens() {
    let asked = Asked::new(|trust| trust.introspection(introspection()));
    // Nothing shows what it is.
    let token = asked.token(json!({ "nonce": null, "at_hash": null }));
    assert_eq!(asked.denies(&token).await, DeniedKind::TokenType);
}

#[test]
fn what_could_never_hold_is_an_error() {
    let provider = Provider::new();
    let refused = |trust: Trust| {
        let own = remint_core::IssuerId::new(OWN).unwrap();
        let error =
            OidcAuthenticator::new(own, [trust], FakeHttp::new(), Arc::new(provider.clock.clone())).unwrap_err();
        error.kind().clone()
    };
    let kind = refused(provider.trust().id_tokens([CLIENT, AUDIENCE]));
    assert_eq!(kind, TrustErrorKind::IdTokenAudience(AUDIENCE.into()));
    let kind = refused(provider.trust().id_tokens([""]));
    assert_eq!(kind, TrustErrorKind::Value("".into(), "id_tokens"));
    let kind = refused(provider.trust().introspection(introspection()).id_tokens([CLIENT]));
    assert_eq!(kind, TrustErrorKind::IntrospectionIdTokens);
    let _: Edge = provider.edge(provider.trust().id_tokens([CLIENT]));
}
