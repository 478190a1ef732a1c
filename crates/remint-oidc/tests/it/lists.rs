//! Issuer, audience, client, algorithm, tenant and scope: what is not listed does not pass.

use std::sync::Arc;

use remint_core::{DeniedKind, IssuerId, Slot};
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use remint_oidc::{OidcAuthenticator, Trust, TrustErrorKind};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, Edge, FakeHttp, ISSUER, OWN, Provider};

#[tokio::test]
async fn an_issuer_is_compared_as_the_exact_string() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for other in [
        "https://idp.example/",
        "https://IDP.example",
        "http://idp.example",
        "https://idp.example.evil.example",
        "https://idp.exampl",
        " https://idp.example",
        "https://idp.example:443",
    ] {
        let token = provider.sign(&provider.with(json!({ "iss": other })));
        assert_eq!(edge.denies(&token).await, DeniedKind::UntrustedIssuer, "{other}");
    }
    for none in [json!({ "iss": null }), json!({ "iss": [ISSUER] }), json!({ "iss": "" }), json!({ "iss": 1 })] {
        assert_eq!(edge.denies(&provider.sign(&provider.with(none.clone()))).await, DeniedKind::Claim, "{none}");
    }
}

#[tokio::test]
async fn our_own_tokens_are_not_accepted_at_the_edge() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let token = provider.sign(&provider.with(json!({ "iss": OWN })));
    assert_eq!(edge.denies(&token).await, DeniedKind::UntrustedIssuer);
}

#[tokio::test]
async fn a_token_must_name_one_of_our_audiences() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().audience("https://api.example"));
    for ours in [json!("api"), json!(["other", "api"]), json!(["https://api.example"])] {
        edge.accepts(&provider.sign(&provider.with(json!({ "aud": ours })))).await;
    }
    for others in [json!("other"), json!(["a", "b"]), json!("ap"), json!("api "), json!("API"), json!("api,other")] {
        let token = provider.sign(&provider.with(json!({ "aud": others })));
        assert_eq!(edge.denies(&token).await, DeniedKind::Audience, "{others}");
    }
    assert_eq!(edge.denies(&provider.sign(&provider.with(json!({ "aud": null })))).await, DeniedKind::Audience);
    for wrong in [json!([]), json!(1), json!({ "api": 1 }), json!(["api", 1]), json!("")] {
        let token = provider.sign(&provider.with(json!({ "aud": wrong })));
        assert_eq!(edge.denies(&token).await, DeniedKind::Claim, "{wrong}");
    }
}

#[tokio::test]
async fn without_an_audience_the_list_of_clients_says_for_whom_a_token_is() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().clients(["web"]).without_audience());
    let bare = json!({ "aud": null, "client_id": "web", "token_use": "access" });
    let token = provider.sign(&provider.with(bare.clone()));
    edge.accepts(&token).await;
    assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::Audience);
    assert_eq!(provider.edge(provider.trust().clients(["web"])).denies(&token).await, DeniedKind::Audience);
    for (changes, kind) in [
        (json!({ "aud": "other" }), DeniedKind::Audience),
        (json!({ "aud": [] }), DeniedKind::Claim),
        (json!({ "aud": "" }), DeniedKind::Claim),
        (json!({ "aud": null, "client_id": "other" }), DeniedKind::Client),
        (json!({ "aud": null, "client_id": null }), DeniedKind::Client),
    ] {
        let mut claims = provider.with(bare.clone());
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        assert_eq!(edge.denies(&provider.sign(&claims)).await, kind, "{changes}");
    }
    let own = IssuerId::new(OWN).unwrap();
    let trust = provider.trust().without_audience();
    let error = OidcAuthenticator::new(own, [trust], FakeHttp::new(), provider.clock.clone()).unwrap_err();
    assert_eq!(*error.kind(), TrustErrorKind::WithoutAudience);
}

#[tokio::test]
async fn each_issuer_has_its_own_audiences_and_clients() {
    let (a, b) = (Provider::new(), Provider::new());
    let http = FakeHttp::new();
    let issuers = [("https://a.example", &a), ("https://b.example", &b)];
    let edge = Edge::new(
        [
            Trust::oidc("https://a.example", "one").clients(["web"]).key_set(a.jwks()),
            Trust::oidc("https://b.example", "two").clients(["cli"]).key_set(b.jwks()),
        ],
        http,
        &a.clock,
    );
    for (issuer, provider) in issuers {
        for (signer_of, signer) in issuers {
            for audience in ["one", "two"] {
                for client in ["web", "cli"] {
                    let claims = provider.with(json!({ "iss": issuer, "aud": audience, "azp": client }));
                    let answer = edge.ask(&signer.sign(&claims)).await;
                    let right = [("https://a.example", "one", "web"), ("https://b.example", "two", "cli")];
                    let allowed = right.contains(&(issuer, audience, client)) && issuer == signer_of;
                    assert_eq!(answer.is_ok(), allowed, "{issuer} by {signer_of} for {audience} through {client}");
                }
            }
        }
    }
}

#[tokio::test]
async fn with_a_list_of_clients_every_claim_that_names_one_must_be_in_it() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().clients(["web", "cli"]));
    for claims in [json!({ "azp": "web" }), json!({ "client_id": "cli" }), json!({ "azp": "web", "client_id": "cli" })]
    {
        edge.accepts(&provider.sign(&provider.with(claims))).await;
    }
    for claims in [
        json!({}),
        json!({ "azp": "other" }),
        json!({ "client_id": "other" }),
        json!({ "azp": "web", "client_id": "other" }),
        json!({ "azp": "other", "client_id": "web" }),
        json!({ "azp": "web", "appid": "other" }),
        json!({ "azp": "web", "cid": "other" }),
    ] {
        let token = provider.sign(&provider.with(claims.clone()));
        assert_eq!(edge.denies(&token).await, DeniedKind::Client, "{claims}");
    }
    for claims in [json!({ "azp": ["web"] }), json!({ "azp": "" }), json!({ "azp": "web", "client_id": 1 })] {
        let token = provider.sign(&provider.with(claims.clone()));
        assert_eq!(edge.denies(&token).await, DeniedKind::Claim, "{claims}");
    }
}

#[tokio::test]
async fn an_algorithm_outside_the_list_is_refused_though_the_key_is_there() {
    for (algorithm, allowed) in [
        (Algorithm::Rs256, true),
        (Algorithm::Es256, true),
        (Algorithm::EdDSA, true),
        (Algorithm::Rs512, false),
        (Algorithm::Ps256, false),
        (Algorithm::Es384, false),
    ] {
        let (provider, key) = (Provider::new(), SigningKey::generate(algorithm).unwrap());
        let keys = || JwkSet::try_from(vec![key.public_jwk().clone()]).unwrap();
        let token = key.sign("at+jwt", &provider.claims()).unwrap();
        let edge = provider.edge(Trust::oidc(ISSUER, AUDIENCE).key_set(keys()));
        if allowed {
            edge.accepts(&token).await;
            let narrow = Trust::oidc(ISSUER, AUDIENCE).key_set(keys()).algorithms([Algorithm::Ps512]);
            assert_eq!(provider.edge(narrow).denies(&token).await, DeniedKind::Algorithm, "{algorithm}");
        } else {
            assert_eq!(edge.denies(&token).await, DeniedKind::Algorithm, "{algorithm}");
            let wide = Trust::oidc(ISSUER, AUDIENCE).key_set(keys()).algorithms([algorithm]);
            provider.edge(wide).accepts(&token).await;
        }
    }
}

#[tokio::test]
async fn a_tenant_passes_only_by_the_list() {
    let provider = Provider::new();
    let of = |name: Value| provider.sign(&provider.with(json!({ "org_id": name })));
    let tenant = |trust: Trust, name: Value| {
        let (edge, token) = (provider.edge(trust), of(name));
        async move { edge.accepts(&token).await.identity.tenant.map(String::from) }
    };
    let listed = || provider.trust().tenants(["acme", "umbrella"]);
    assert_eq!(tenant(provider.trust(), json!("acme")).await, None, "none is listed");
    assert_eq!(tenant(listed(), json!("acme")).await.as_deref(), Some("acme"));
    assert_eq!(tenant(listed(), Value::Null).await, None);
    assert_eq!(tenant(provider.trust().any_tenant(), json!("other")).await.as_deref(), Some("other"));
    assert_eq!(tenant(provider.trust().tenants(["*"]), json!("other")).await.as_deref(), Some("other"));
    assert_eq!(tenant(provider.trust().tenant("fixed"), json!("other")).await.as_deref(), Some("fixed"));
    assert_eq!(tenant(provider.trust().tenant("fixed"), Value::Null).await.as_deref(), Some("fixed"));
    for other in ["other", "ACME", "acme ", "*"] {
        assert_eq!(provider.edge(listed()).denies(&of(json!(other))).await, DeniedKind::Tenant, "{other}");
    }
    for wrong in [json!(1), json!(["acme"]), json!(""), json!({}), json!("a\u{0}b"), json!("a".repeat(129))] {
        for trust in [provider.trust().any_tenant(), listed()] {
            let kind = provider.edge(trust).denies(&of(wrong.clone())).await;
            assert!(matches!(kind, DeniedKind::Claim | DeniedKind::Tenant), "{wrong}: {kind:?}");
        }
    }
}

#[tokio::test]
async fn scopes_pass_only_by_the_list_and_remints_own_never() {
    let provider = Provider::new();
    let claims = json!({
        "scope": "read remint:admin admin remint:", "scp": ["write", "remint:admin", "remint:keys extra"]
    });
    let token = provider.sign(&provider.with(claims));
    for (trust, passing) in [
        (provider.trust(), ""),
        (provider.trust().allow_scopes(["read", "write", "absent"]), "read write"),
        (provider.trust().allow_scopes(["remint:admin", "read", "remint:", "remint:keys"]), "read"),
        (provider.trust().allow_scopes(["*", "remint:admin"]), "admin extra read write"),
        (provider.trust().any_scope(), "admin extra read write"),
    ] {
        assert_eq!(provider.edge(trust).accepts(&token).await.identity.scopes.to_string(), passing);
    }
}

#[tokio::test]
async fn a_scope_that_is_none_is_left_out_and_the_others_pass() {
    let provider = Provider::new();
    for (scope, passing) in [
        (json!(1), ""),
        (json!({}), ""),
        (json!(["a", 1]), "a"),
        (json!([["a"], "b c"]), "b c"),
        (json!("a\"b c"), "c"),
        (json!("a\tb c"), "c"),
        (json!("lésen read"), "read"),
    ] {
        let token = provider.sign(&provider.with(json!({ "scope": scope })));
        let identity = provider.edge(provider.trust().any_scope()).accepts(&token).await.identity;
        assert_eq!(identity.scopes.to_string(), passing, "{scope}");
    }
}

#[tokio::test]
async fn roles_and_groups_pass_only_by_the_list_and_reserved_ones_never() {
    let provider = Provider::new();
    let names = json!(["remint:admin", "admin", "remint:", "admin", "remint:keys", "Admin", "ops"]);
    let claims = json!({ "realm_access": { "roles": names }, "groups": names, "entitlements": names });
    let token = provider.sign(&provider.with(claims));
    let lists: [(&[&str], &[&str]); 5] = [
        (&[], &[]),
        (&["ops", "absent"], &["ops"]),
        (&["remint:admin", "remint:", "remint:keys", "admin"], &["admin", "admin"]),
        (&["*"], &["admin", "admin", "Admin", "ops"]),
        (&["*", "remint:admin"], &["admin", "admin", "Admin", "ops"]),
    ];
    for (list, passing) in lists {
        for roles in [true, false] {
            let trust = provider.trust();
            let trust = if roles { trust.allow_roles(list.to_vec()) } else { trust.allow_groups(list.to_vec()) };
            let identity = provider.edge(trust).accepts(&token).await.identity;
            let (named, other) =
                if roles { (identity.roles, identity.groups) } else { (identity.groups, identity.roles) };
            assert_eq!((named, other), (passing.iter().map(|name| (*name).to_owned()).collect(), vec![]), "{list:?}");
            assert!(identity.entitlements.is_empty(), "no list lets an entitlement pass");
        }
    }
    let any = provider.edge(provider.trust().any_role().any_group()).accepts(&token).await.identity;
    assert_eq!((any.roles.len(), any.groups.len()), (4, 4));
}

#[tokio::test]
async fn of_roles_and_groups_that_pass_those_travel_that_begin_as_the_trust_says() {
    let provider = Provider::new();
    let many: Vec<_> = (0..300).map(|number| format!("team-{number}")).chain(["app-admin".to_owned()]).collect();
    let roles = json!({ "roles": ["app-buyer", "other", "remint:admin", "App-buyer"] });
    let token = provider.sign(&provider.with(json!({ "realm_access": roles, "groups": many })));
    let trust = || provider.trust().any_role().any_group();
    let all = provider.edge(trust()).accepts(&token).await.identity;
    assert_eq!((all.roles.len(), all.groups.len()), (3, 301));
    let few = provider.edge(trust().role_prefixes(["app-", "remint:"])).accepts(&token).await.identity;
    assert_eq!((few.roles, few.groups), (vec!["app-buyer".to_owned()], vec!["app-admin".to_owned()]));
    let listed = provider.trust().allow_roles(["other"]).role_prefixes(["app-"]);
    assert_eq!(provider.edge(listed).accepts(&token).await.identity.roles, Vec::<String>::new());
}

#[tokio::test]
async fn a_token_is_as_long_as_the_limit_says_and_too_long_beyond() {
    let provider = Provider::new();
    let groups: Vec<_> = (0..1100).map(|number| format!("group-{number}")).collect();
    let token = provider.sign(&provider.with(json!({ "groups": groups })));
    let limited = |bytes| {
        let Edge(edge) = provider.edge(provider.trust().any_group());
        Edge(edge.with_max_length(bytes))
    };
    assert_eq!(limited(token.len()).accepts(&token).await.identity.groups.len(), 1100);
    assert_eq!(limited(token.len() - 1).denies(&token).await, DeniedKind::TooLong);
    assert!(token.len() > 16 * 1024);
    assert_eq!(provider.edge(provider.trust()).denies(&token).await, DeniedKind::TooLong, "unless set");
}

#[tokio::test]
async fn what_cannot_pass_is_not_read() {
    let provider = Provider::new();
    let token = provider.sign(&provider.with(json!({ "realm_access": { "roles": { "admin": 1 } }, "groups": 1 })));
    provider.edge(provider.trust()).accepts_in(Slot::Assertion, &token).await;
    let read = provider.edge(provider.trust().allow_roles(["admin"]).allow_groups(["a"]));
    assert_eq!(read.accepts(&token).await.identity.roles, ["admin"]);
    assert_eq!(read.denies_in(Slot::Assertion, &token).await, DeniedKind::Claim);
}

#[test]
fn the_list_of_issuers_can_be_read() {
    let provider = Provider::new();
    let own = IssuerId::new(OWN).unwrap();
    let clock = Arc::new(provider.clock.clone());
    let edge = OidcAuthenticator::new(own, [provider.trust()], FakeHttp::new(), clock).unwrap();
    assert_eq!(edge.issuers(), [ISSUER]);
}

#[tokio::test]
async fn where_a_tenant_is_required_a_token_without_one_does_not_pass() {
    let provider = Provider::new();
    let google = |trust: Trust| trust.tenant_claim("hd").require_tenant(true);
    for trust in [google(provider.trust()).tenants(["acme.example"]), google(provider.trust()).any_tenant()] {
        let edge = provider.edge(trust);
        edge.accepts(&provider.sign(&provider.with(json!({ "hd": "acme.example" })))).await;
        for none in [json!({}), json!({ "hd": null })] {
            let token = provider.sign(&provider.with(none.clone()));
            assert_eq!(edge.denies(&token).await, DeniedKind::Tenant, "{none}");
        }
    }
    let fixed = provider.edge(google(provider.trust()).tenant("acme"));
    fixed.accepts(&provider.sign(&provider.claims())).await;
    let own = IssuerId::new(OWN).unwrap();
    let nobody = OidcAuthenticator::new(own, [google(provider.trust())], FakeHttp::new(), provider.clock.clone());
    assert_eq!(*nobody.unwrap_err().kind(), TrustErrorKind::NoTenant);
}

#[tokio::test]
async fn an_issuer_with_several_spellings_has_one_name() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().issuer_aliases(["idp.example", "https://idp.example/"]));
    for spelling in [ISSUER, "idp.example", "https://idp.example/"] {
        let found = edge.accepts(&provider.sign(&provider.with(json!({ "iss": spelling })))).await;
        assert!(format!("{:?}", found.identity.credential).contains(&format!("{ISSUER:?}")), "{spelling}");
    }
    for other in ["Idp.example", "idp.example/", "http://idp.example"] {
        let token = provider.sign(&provider.with(json!({ "iss": other })));
        assert_eq!(edge.denies(&token).await, DeniedKind::UntrustedIssuer, "{other}");
    }
    let refused = |trusts: Vec<Trust>| {
        let own = IssuerId::new(OWN).unwrap();
        OidcAuthenticator::new(own, trusts, FakeHttp::new(), provider.clock.clone()).unwrap_err().kind().clone()
    };
    let trust = |aliases: &[&str]| provider.trust().issuer_aliases(aliases.iter().copied());
    let other = Trust::oidc("https://other.example", "api").key_set(provider.jwks());
    assert_eq!(refused(vec![trust(&[OWN])]), TrustErrorKind::OwnIssuer);
    assert_eq!(refused(vec![trust(&["https://other.example"]), other.clone()]), TrustErrorKind::DuplicateIssuer);
    assert_eq!(refused(vec![other.clone(), trust(&["https://other.example"])]), TrustErrorKind::DuplicateIssuer);
    assert_eq!(
        refused(vec![trust(&["x.example"]), other.issuer_aliases(["x.example"])]),
        TrustErrorKind::DuplicateIssuer
    );
    assert!(matches!(refused(vec![trust(&[""])]), TrustErrorKind::Value(_, "issuer_aliases")));
}
