//! Access tokens as providers document them: each is accepted, and is whom it should be.

use jsonwebtoken::Header;
use remint_core::CredentialRef;
use remint_oidc::Trust;
use serde_json::{Value, json};

use crate::support::{Edge, FakeHttp, Provider};

struct Shape {
    of: &'static str,
    issuer: &'static str,
    audience: &'static str,
    typ: Option<&'static str>,
    header: fn(&mut Header),
    trust: fn(Trust) -> Trust,
    claims: Value,
    /// Its `sub`, `client_id` and `cred.sub` here.
    is: [&'static str; 3],
    /// Tenant, scopes, roles, groups.
    has: Value,
}

const PLAIN: fn(&mut Header) = |_| {};

#[tokio::test]
async fn the_access_tokens_of_providers_are_accepted_as_whom_they_name() {
    let provider = Provider::new();
    for shape in shapes().into_iter().chain(platforms()) {
        let now = provider.claims()["iat"].as_u64().unwrap();
        let mut claims = json!({ "iss": shape.issuer, "aud": shape.audience, "iat": now, "exp": now + 300 });
        for (name, value) in shape.claims.as_object().unwrap() {
            match name.strip_prefix('-') {
                Some(absent) => _ = claims.as_object_mut().unwrap().remove(absent),
                None => claims[name] = value.clone(),
            }
        }
        let mut header = provider.header();
        header.typ = shape.typ.map(Into::into);
        (shape.header)(&mut header);
        let trust = (shape.trust)(Trust::oidc(shape.issuer, shape.audience).named("idp").key_set(provider.jwks()));
        let edge = Edge::new([trust], FakeHttp::new(), &provider.clock);
        let identity = match edge.ask(&provider.sign_with(&header, &claims)).await {
            Ok(found) => found.identity,
            Err(refusal) => panic!("{}: {refusal:?}", shape.of),
        };
        let CredentialRef::Jwt { issuer, subject, .. } = &identity.credential else { unreachable!() };
        assert_eq!(issuer.as_str(), shape.issuer, "{}", shape.of);
        assert_eq!([identity.subject.as_str(), identity.client.as_str(), subject.as_str()], shape.is, "{}", shape.of);
        let has = json!({
            "tenant": identity.tenant.map(String::from), "scope": identity.scopes.to_string(),
            "roles": identity.roles, "groups": identity.groups,
        });
        for (name, value) in shape.has.as_object().unwrap() {
            assert_eq!(has[name], *value, "{}: {name}", shape.of);
        }
    }
}

/// Providers of people.
fn shapes() -> Vec<Shape> {
    vec![
        Shape {
            of: "Okta",
            issuer: "https://acme.okta.com/oauth2/default",
            audience: "api://default",
            typ: None,
            header: PLAIN,
            trust: Trust::any_scope,
            claims: json!({
                "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE", "cid": "0oab8eb55Kb9jdMIr5d6",
                "uid": "00uu4vmb8OGhSNz2m5d6", "scp": ["openid", "orders:read"], "sub": "isaac@acme.example",
                "auth_time": 1_767_225_000,
            }),
            is: ["idp|isaac@acme.example", "0oab8eb55Kb9jdMIr5d6", "isaac@acme.example"],
            has: json!({ "scope": "openid orders:read" }),
        },
        Shape {
            of: "Auth0",
            issuer: "https://acme.eu.auth0.com/",
            audience: "https://api.acme.example",
            typ: Some("JWT"),
            header: PLAIN,
            trust: |trust| trust.any_scope().any_tenant(),
            claims: json!({
                "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "aud": ["https://api.acme.example", "https://acme.eu.auth0.com/userinfo"],
                "azp": "my_client_id", "scope": "openid profile orders:read", "org_id": "org_9ybsU1dN2dKfDkBi",
                "gty": "password",
            }),
            is: ["idp|auth0|5f7c8ec7c33c6c004bbafe82", "my_client_id", "auth0|5f7c8ec7c33c6c004bbafe82"],
            has: json!({ "tenant": "org_9ybsU1dN2dKfDkBi", "scope": "openid orders:read profile" }),
        },
        Shape {
            of: "Keycloak",
            issuer: "https://sso.acme.example/realms/acme",
            audience: "orders",
            typ: Some("JWT"),
            header: PLAIN,
            trust: |trust| trust.any_role().any_scope(),
            claims: json!({
                "jti": "onrtac:d0a8f2fc", "aud": ["account", "orders"], "sub": "9c1f6b4d-1b1c-4a3c-8b4e-2f7a3e6f9f10",
                "typ": "Bearer", "azp": "web", "nonce": "3f1f", "at_hash": "x", "session_state": "c5f6", "sid": "c5f6",
                "acr": "1", "allowed-origins": ["https://web.acme.example"], "realm_access": { "roles": ["buyer"] },
                "resource_access": { "account": { "roles": ["manage-account"] } }, "scope": "openid email",
                "auth_time": 1_767_225_000, "email_verified": true,
            }),
            is: ["idp|9c1f6b4d-1b1c-4a3c-8b4e-2f7a3e6f9f10", "web", "9c1f6b4d-1b1c-4a3c-8b4e-2f7a3e6f9f10"],
            has: json!({ "roles": ["buyer"], "scope": "email openid" }),
        },
        Shape {
            of: "Microsoft Entra, v1",
            issuer: "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/",
            audience: "api://orders",
            typ: Some("JWT"),
            header: |header| header.x5t = Some("i6lGk3FZzxRcUb2C3nEQ7syHJlY".into()),
            trust: |trust| trust.any_scope().any_role().roles_claim("roles"),
            claims: json!({
                "nbf": 1_767_225_600, "acr": "1", "aio": "AXQAi/8IAAAA", "amr": ["pwd", "mfa"],
                "appid": "6e74172b-be56-4843-9ff4-e66a39bb12e3", "appidacr": "0", "ipaddr": "203.0.113.7",
                "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "rh": "0.AYEA", "roles": ["Buyer"], "scp": "Orders.Read",
                "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ", "tid": "9188040d-6c67-4c5b-b112-36a304b66dad",
                "unique_name": "alice@acme.example", "upn": "alice@acme.example", "ver": "1.0",
            }),
            is: [
                "idp|HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
                "6e74172b-be56-4843-9ff4-e66a39bb12e3",
                "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
            ],
            has: json!({ "scope": "Orders.Read", "roles": ["Buyer"] }),
        },
        Shape {
            of: "Microsoft Entra, v2, by object id",
            issuer: "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            audience: "6e74172b-be56-4843-9ff4-e66a39bb12e3",
            typ: Some("JWT"),
            header: PLAIN,
            trust: |trust| trust.subject_claim("oid").tenant_claim("tid").any_tenant().any_scope(),
            claims: json!({
                "azp": "6e74172b-be56-4843-9ff4-e66a39bb12e3", "azpacr": "0", "name": "Alice",
                "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "preferred_username": "alice@acme.example",
                "scp": "access_as_user", "sub": "HKZpfaHyWadeOouYlitjrI", "tid": "9188040d-6c67-4c5b-b112-36a304b66dad",
                "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0",
            }),
            is: [
                "idp|690222be-ff1a-4d56-abd1-7e4f7d38e474",
                "6e74172b-be56-4843-9ff4-e66a39bb12e3",
                "oid:690222be-ff1a-4d56-abd1-7e4f7d38e474",
            ],
            has: json!({ "tenant": "9188040d-6c67-4c5b-b112-36a304b66dad", "scope": "access_as_user" }),
        },
        Shape {
            of: "AD FS",
            issuer: "http://fs.acme.example/adfs/services/trust",
            audience: "microsoft:identityserver:orders",
            typ: Some("JWT"),
            header: |header| header.x5t = Some("Ws2uBbGVZ1tGcQ".into()),
            trust: |trust| trust.subject_claim("upn").any_scope(),
            claims: json!({
                "apptype": "Confidential", "appid": "f1f80a2a-4d4e-4d25-8a66-0c7cc16a35a6",
                "authmethod": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
                "auth_time": "2025-12-31T23:58:12.523Z", "ver": "1.0", "scp": "openid", "upn": "alice@acme.example",
            }),
            is: ["idp|alice@acme.example", "f1f80a2a-4d4e-4d25-8a66-0c7cc16a35a6", "upn:alice@acme.example"],
            has: json!({ "scope": "openid" }),
        },
        Shape {
            of: "Amazon Cognito",
            issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example",
            audience: "orders",
            typ: None,
            header: PLAIN,
            trust: |trust| {
                let trust = trust.clients(["57cbishk4j24pabc1234567890"]).without_audience();
                trust.any_scope().groups_claim("cognito:groups").any_group()
            },
            claims: json!({
                "-aud": null, "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "token_use": "access", "at_hash": "x",
                "client_id": "57cbishk4j24pabc1234567890", "cognito:groups": ["buyers"], "username": "janedoe",
                "origin_jti": "aaaaaaaa", "event_id": "64f513be", "scope": "phone openid", "version": 2,
                "auth_time": 1_767_225_000, "jti": "aaaaaaaa-bbbb",
            }),
            is: [
                "idp|aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
                "57cbishk4j24pabc1234567890",
                "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            ],
            has: json!({ "groups": ["buyers"], "scope": "openid phone" }),
        },
        Shape {
            of: "Google",
            issuer: "https://accounts.google.com",
            audience: "32555940559.apps.googleusercontent.com",
            typ: Some("JWT"),
            header: PLAIN,
            trust: |trust| trust.tenant_claim("hd").tenants(["acme.example"]).lenient_access_tokens(),
            claims: json!({
                "azp": "32555940559.apps.googleusercontent.com", "sub": "111260650121245072906", "hd": "acme.example",
                "email": "alice@acme.example", "email_verified": true, "at_hash": "gkhFBCTdbcXwmrsmhJkkgA",
            }),
            is: ["idp|111260650121245072906", "32555940559.apps.googleusercontent.com", "111260650121245072906"],
            has: json!({ "tenant": "acme.example" }),
        },
        Shape {
            of: "Supabase",
            issuer: "https://abcdefghijklmnop.supabase.co/auth/v1",
            audience: "authenticated",
            typ: Some("JWT"),
            header: PLAIN,
            trust: |trust| trust.roles_claim("role").any_role(),
            claims: json!({
                "sub": "123e4567-e89b-12d3-a456-426614174000", "role": "authenticated", "aal": "aal1",
                "amr": [{ "method": "password", "timestamp": 1_767_225_000 }], "session_id": "session-123",
                "email": "alice@acme.example", "phone": "", "is_anonymous": false,
                "app_metadata": { "provider": "email", "providers": ["email"] }, "user_metadata": {},
            }),
            is: ["idp|123e4567-e89b-12d3-a456-426614174000", "idp|", "123e4567-e89b-12d3-a456-426614174000"],
            has: json!({ "roles": ["authenticated"] }),
        },
        Shape {
            of: "Zitadel",
            issuer: "https://acme.zitadel.cloud",
            audience: "236683567652438017",
            typ: None,
            header: PLAIN,
            trust: |trust| trust.roles_claim("urn:zitadel:iam:org:project:roles").any_role(),
            claims: json!({
                "aud": ["236683567652503553@acme", "236683567652438017"], "sub": "165467338479501569",
                "client_id": "236683567652503553@acme", "jti": "249999999999999999", "nbf": 1_767_225_600,
                "urn:zitadel:iam:org:project:roles": { "buyer": { "165461784042102785": "acme.zitadel.cloud" } },
                "urn:zitadel:iam:user:resourceowner:id": "165461784042102785",
            }),
            is: ["idp|165467338479501569", "236683567652503553@acme", "165467338479501569"],
            has: json!({ "roles": ["buyer"] }),
        },
        Shape {
            of: "Ping",
            issuer: "https://auth.pingone.eu/0c1f5a0e/as",
            audience: "https://api.acme.example",
            typ: None,
            header: PLAIN,
            trust: Trust::any_scope,
            claims: json!({
                "client_id": "2f8a1b9e", "aud": ["https://api.acme.example"], "sub": "3d9f", "scope": "orders:read",
                "env": "0c1f5a0e", "org": "9f2d", "sid": "1c3e", "acr": null, "p1.rid": "7a",
            }),
            is: ["idp|3d9f", "2f8a1b9e", "3d9f"],
            has: json!({ "scope": "orders:read" }),
        },
        Shape {
            of: "authentik",
            issuer: "https://auth.acme.example/application/o/orders/",
            audience: "orders",
            typ: Some("JWT"),
            header: PLAIN,
            trust: |trust| trust.any_group().any_scope().lenient_access_tokens(),
            claims: json!({
                "sub": "hashed-user-id", "auth_time": 1_767_225_000, "acr": "goauthentik.io/providers/oauth2/default",
                "amr": ["pwd"], "nonce": "n", "azp": "orders", "uid": "c0ffee", "scope": "openid", "groups": ["buyers"],
                "email_verified": true,
            }),
            is: ["idp|hashed-user-id", "orders", "hashed-user-id"],
            has: json!({ "groups": ["buyers"], "scope": "openid" }),
        },
    ]
}

/// Providers of workloads, and proxies.
fn platforms() -> Vec<Shape> {
    vec![
        Shape {
            of: "Microsoft Entra, v1, a client for itself",
            issuer: "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/",
            audience: "api://orders",
            typ: Some("JWT"),
            header: PLAIN,
            trust: |trust| trust.subject_claim("oid").any_role().roles_claim("roles"),
            claims: json!({
                "aio": "k2RgYAAA", "appid": "6e74172b", "appidacr": "1", "idp": "https://sts.windows.net/9188040d/",
                "oid": "a1b2c3d4", "roles": ["Orders.Read.All"], "tid": "9188040d", "uti": "x", "ver": "1.0",
            }),
            is: ["idp|a1b2c3d4", "6e74172b", "oid:a1b2c3d4"],
            has: json!({ "roles": ["Orders.Read.All"] }),
        },
        Shape {
            of: "Cloudflare Access",
            issuer: "https://acme.cloudflareaccess.com",
            audience: "32eafc7626e737ba15c5bb2a9a2f6c9f",
            typ: None,
            header: PLAIN,
            trust: |trust| trust.lenient_access_tokens(),
            claims: json!({
                "aud": ["32eafc7626e737ba15c5bb2a9a2f6c9f"], "email": "alice@acme.example", "nbf": 1_767_225_600,
                "type": "app", "identity_nonce": "6ei69kawdKzMIAPF", "sub": "7335d417-61da-459d-899c-0a01c76a2f94",
                "country": "US",
            }),
            is: ["idp|7335d417-61da-459d-899c-0a01c76a2f94", "idp|", "7335d417-61da-459d-899c-0a01c76a2f94"],
            has: json!({}),
        },
        Shape {
            of: "Cloudflare Access, a service token",
            issuer: "https://acme.cloudflareaccess.com",
            audience: "32eafc7626e737ba15c5bb2a9a2f6c9f",
            typ: None,
            header: PLAIN,
            trust: |trust| trust.subject_claim("common_name"),
            claims: json!({
                "aud": ["32eafc7626e737ba15c5bb2a9a2f6c9f"], "type": "app",
                "common_name": "88bf3b6d86161464f6509f7219099e57.access", "sub": "",
            }),
            is: [
                "idp|88bf3b6d86161464f6509f7219099e57.access",
                "idp|",
                "common_name:88bf3b6d86161464f6509f7219099e57.access",
            ],
            has: json!({}),
        },
        Shape {
            of: "XSUAA",
            issuer: "https://acme.authentication.eu10.hana.ondemand.com/oauth/token",
            audience: "sb-orders!t1234",
            typ: Some("JWT"),
            header: |header| header.jku = Some("https://acme.authentication.eu10.hana.ondemand.com/token_keys".into()),
            trust: |trust| trust.any_scope().tenant_claim("zid").any_tenant(),
            claims: json!({
                "jti": "9c3f7c2f", "sub": "59c0c1b4", "scope": ["openid", "orders!t1234.Read"],
                "client_id": "sb-orders!t1234", "cid": "sb-orders!t1234", "azp": "sb-orders!t1234",
                "grant_type": "authorization_code", "user_id": "59c0c1b4", "origin": "sap.default",
                "user_name": "alice@acme.example", "auth_time": 1_767_225_000, "rev_sig": "e1a2", "zid": "a9d7",
                "aud": ["sb-orders!t1234", "openid"], "ext_attr": { "enhancer": "XSUAA" },
            }),
            is: ["idp|59c0c1b4", "sb-orders!t1234", "59c0c1b4"],
            has: json!({ "tenant": "a9d7", "scope": "openid orders!t1234.Read" }),
        },
        Shape {
            of: "Kubernetes",
            issuer: "https://kubernetes.default.svc.cluster.local",
            audience: "orders",
            typ: None,
            header: PLAIN,
            trust: |trust| trust.tenant_claim("kubernetes.io.namespace").any_tenant(),
            claims: json!({
                "aud": ["orders"], "sub": "system:serviceaccount:shop:checkout", "nbf": 1_767_225_600,
                "jti": "ea28ed49-2e11-4280-9ec5-bc3d1d84661a",
                "kubernetes.io": {
                    "namespace": "shop", "serviceaccount": { "name": "checkout", "uid": "b2c3" },
                    "pod": { "name": "checkout-1", "uid": "d4e5" }, "warnafter": 1_767_229_207,
                },
            }),
            is: ["idp|system:serviceaccount:shop:checkout", "idp|", "system:serviceaccount:shop:checkout"],
            has: json!({ "tenant": "shop" }),
        },
        Shape {
            of: "GitHub Actions",
            issuer: "https://token.actions.githubusercontent.com",
            audience: "https://api.acme.example",
            typ: Some("JWT"),
            header: |header| header.x5t = Some("eBZ_cn3sXYAd0ch4THBKHIgOwOE".into()),
            trust: |trust| trust.tenant_claim("repository_owner").any_tenant(),
            claims: json!({
                "jti": "example-id", "sub": "repo:acme/shop:environment:prod", "environment": "prod",
                "ref": "refs/heads/main", "sha": "5ec5", "repository": "acme/shop", "repository_owner": "acme",
                "actor_id": "12", "run_id": "7", "run_attempt": "1", "event_name": "workflow_dispatch",
                "nbf": 1_767_225_600,
            }),
            is: ["idp|repo:acme/shop:environment:prod", "idp|", "repo:acme/shop:environment:prod"],
            has: json!({ "tenant": "acme" }),
        },
        Shape {
            of: "PyJWT with time.time()",
            issuer: "https://tokens.acme.example",
            audience: "orders",
            typ: Some("JOSE"),
            header: PLAIN,
            trust: Trust::any_scope,
            claims: json!({ "sub": "42", "-iat": null, "exp": 1_767_225_900.731_4, "jti": 7, "scope": null, "act": null }),
            is: ["idp|42", "idp|", "42"],
            has: json!({ "scope": "" }),
        },
    ]
}
