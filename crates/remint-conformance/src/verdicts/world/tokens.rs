use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use remint_core::{ClientId, CredentialRef, Environment, Identity, MintRequest, Subject, Timestamp};
use remint_issuer::Issuer;
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use serde_json::{Value, json};

use super::World;
use super::altered::{change, replaced_end, with_other_signature};
use super::proofs::Holders;

/// The identity provider: its key, and its tokens by name.
#[derive(Debug)]
pub(super) struct Provider {
    key: SigningKey,
    texts: HashMap<&'static str, String>,
}

/// What a token of alice's needs to be another one: the `typ` of its header, and claims; `null` takes one away.
type Variant = (&'static str, &'static str, Value);

impl Provider {
    pub(super) const ISSUER: &'static str = "https://idp.example";
    /// A provider whose callers are of the environment `test`.
    pub(super) const REHEARSAL: &'static str = "https://rehearsal.example";
    /// A provider whose claims stand elsewhere.
    pub(super) const MAPPED: &'static str = "https://mapped.example";
    /// A provider whose keys cannot be had.
    pub(super) const DOWN: &'static str = "https://down.example";
    /// Whose subject is revoked from the beginning.
    pub(super) const REVOKED: &'static str = "mallory";

    pub(super) fn new(holders: &Holders, internal: &Issuer, now: Timestamp) -> Self {
        let generate = |algorithm| SigningKey::generate(algorithm).expect("randomness");
        let (key, stranger, other) =
            (generate(Algorithm::Es256), generate(Algorithm::Es256), generate(Algorithm::Es384));
        let seconds = now.as_secs();
        let alice = json!({
            "iss": Self::ISSUER, "aud": "api", "sub": "alice", "client_id": "web", "jti": "1", "org_id": "acme",
            "scope": "jobs:read jobs:write remint:admin", "iat": seconds, "exp": seconds + 300,
        });
        let claims_with = |changes: Value| {
            let mut claims = alice.clone();
            change(&mut claims, changes);
            claims
        };
        let sign = |key: &SigningKey, typ: &str, claims: &Value| key.sign(typ, claims).expect("signed");
        let variants = sound(seconds, holders).into_iter().chain(refused(seconds, holders));
        let mut texts: HashMap<_, _> =
            variants.map(|(name, typ, changes)| (name, sign(&key, typ, &claims_with(changes)))).collect();

        let text = sign(&key, "at+jwt", &alice);
        let good = |typ: &str| json!({ "typ": typ, "alg": "ES256", "kid": key.key_id() }).to_string();
        let written = alice.to_string();
        let twice = format!("{},\"sub\":\"root\"}}", written.trim_end_matches('}'));
        let nulls = [
            written.trim_end_matches('}'),
            r#","nonce":null,"cnf":null,"act":null,"may_act":null,"amr":null,"sid":null,"nbf":null,"azp":null}"#,
        ]
        .concat();
        texts.extend([
            ("unknown_kid", sign(&stranger, "at+jwt", &alice)),
            ("other_algorithm", sign(&other, "at+jwt", &alice)),
            ("bad_signature", with_other_signature(&text)),
            ("altered", replaced_end(&text)),
            ("padded", format!("{text}=")),
            ("cut", text.rsplit_once('.').expect("three parts").0.to_owned()),
            ("alg_none", assemble(r#"{"alg":"none","typ":"at+jwt"}"#, &written, |_| vec![0])),
            ("mac", assemble(r#"{"alg":"HS256","typ":"at+jwt"}"#, &written, |_| vec![0; 32])),
            ("critical", signed(&key, r#"{"alg":"ES256","typ":"at+jwt","crit":["x"],"x":1}"#, &written)),
            ("critical_null", signed(&key, r#"{"alg":"ES256","typ":"at+jwt","crit":null}"#, &written)),
            ("nulls", signed(&key, &good("at+jwt"), &nulls)),
            (
                "key_places",
                signed(
                    &key,
                    r#"{"alg":"ES256","typ":"JWT","jku":"https://evil.example","x5u":"x","x5c":["x"],"x5t":"x"}"#,
                    &written,
                ),
            ),
            ("key_places_of_a_stranger", stranger_signed(&stranger, key.key_id(), &written)),
            ("own_key", stranger.sign_with_own_key("at+jwt", &alice).expect("signed")),
            ("two_subjects", signed(&key, &good("at+jwt"), &twice)),
            ("no_object", signed(&key, &good("at+jwt"), "[]")),
            ("internal", of_ours(internal)),
            ("alice", text),
        ]);
        Self { key, texts }
    }

    pub(super) fn token(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    pub(super) fn keys(&self) -> JwkSet {
        JwkSet::try_from(vec![self.key.public_jwk().clone()]).expect("one key")
    }
}

/// Tokens that are good, under the key and by the claims of `alice` but for these.
fn sound(now: u64, holders: &Holders) -> Vec<Variant> {
    vec![
        ("bob", "at+jwt", json!({ "sub": "bob", "jti": "2" })),
        ("linked", "at+jwt", json!({ "sub": "carol" })),
        ("linked_in_another_tenant", "at+jwt", json!({ "sub": "dora" })),
        ("linked_to_disabled", "at+jwt", json!({ "sub": "disabled" })),
        ("linked_in_disabled_tenant", "at+jwt", json!({ "sub": "closed", "org_id": null })),
        (
            "with_rights",
            "at+jwt",
            json!({ "realm_access": { "roles": ["admin"] }, "groups": ["g"], "entitlements": ["e"] }),
        ),
        ("with_session", "at+jwt", json!({ "sid": "s1" })),
        ("with_actor", "at+jwt", json!({ "act": { "sub": "service" } })),
        ("with_unmapped_claims", "at+jwt", json!({ "ext": { "plan": "gold" }, "plan": "gold", "env": "test" })),
        (
            "carried_oddly",
            "at+jwt",
            json!({
                "auth_time": "2026-01-01T00:00:00Z", "amr": [{ "method": "password" }, "otp"], "acr": 2, "sid": 7,
                "jti": 4711, "azp": "", "scope": ["jobs:read", "lésen", 1],
            }),
        ),
        ("without_iat", "at+jwt", json!({ "iat": null })),
        ("without_client", "at+jwt", json!({ "client_id": null })),
        ("exp_as_fraction", "at+jwt", json!({ "iat": now as f64 - 0.5, "exp": now as f64 + 300.5 })),
        ("says_bearer", "JWT", json!({ "typ": "Bearer", "nonce": "n", "at_hash": "h" })),
        ("says_access", "JOSE", json!({ "token_use": "access", "at_hash": "h" })),
        ("with_actor_as_text", "at+jwt", json!({ "act": "service" })),
        ("that_nobody_may_act_with", "at+jwt", json!({ "may_act": 7 })),
        ("narrow", "at+jwt", json!({ "scope": "jobs:read" })),
        ("without_scope", "at+jwt", json!({ "scope": null })),
        ("without_tenant", "at+jwt", json!({ "org_id": null })),
        ("rehearsal", "at+jwt", json!({ "iss": Provider::REHEARSAL })),
        ("plain", "JWT", json!({})),
        ("media_type", "application/at+jwt", json!({})),
        ("several_audiences", "at+jwt", json!({ "aud": ["other", "api"] })),
        (
            "for_the_second_trust",
            "at+jwt",
            json!({ "aud": "admin-api", "client_id": "console", "scope": "admin jobs:read" }),
        ),
        ("for_both_trusts", "at+jwt", json!({ "aud": ["admin-api", "api"], "client_id": "console" })),
        ("mapped", "JWT", mapped(json!({}))),
        ("of_many_groups", "at+jwt", in_groups(500)),
        ("of_far_too_many_groups", "at+jwt", in_groups(800)),
        ("within_leeway", "at+jwt", json!({ "nbf": now + 30, "iat": now + 30 })),
        ("last_second", "at+jwt", json!({ "iat": now - 299, "exp": now + 1 })),
        ("bound_to_key", "at+jwt", json!({ "cnf": { "jkt": holders.thumbprint() } })),
        ("bound_to_certificate", "at+jwt", json!({ "cnf": { "x5t#S256": certificate(World::CERTIFICATE) } })),
    ]
}

/// Changes for a token of the provider whose claims stand elsewhere, with these in addition or instead.
fn mapped(changes: Value) -> Value {
    let mut claims = json!({
        "iss": Provider::MAPPED, "aud": null, "sub": null, "upn": "alice@acme.example", "client_id": "app",
        "token_use": "access", "scope": null, "org_id": null, "https://mapped.example/plan": "gold",
        "urn:zitadel:iam:org:project:roles": { "buyer": { "1": "acme.example" }, "remint:x": {} },
    });
    // A `null` is kept: it takes the claim away from the token.
    claims.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    claims
}

/// Changes for a token of the second trust, in this many groups of twenty characters.
fn in_groups(count: usize) -> Value {
    let groups: Vec<_> = (0..count).map(|number| format!("group-{number:014}")).collect();
    json!({ "aud": "admin-api", "client_id": "console", "scope": null, "groups": groups })
}

/// Tokens that are refused for one reason each.
fn refused(now: u64, holders: &Holders) -> Vec<Variant> {
    let both = json!({ "jkt": holders.thumbprint(), "x5t#S256": certificate(World::CERTIFICATE) });
    vec![
        ("expired", "at+jwt", json!({ "iat": now - 600, "exp": now - 1 })),
        ("at_its_end", "at+jwt", json!({ "iat": now - 300, "exp": now })),
        ("not_yet_valid", "at+jwt", json!({ "nbf": now + 31 })),
        ("issued_ahead", "at+jwt", json!({ "iat": now + 31 })),
        ("long_lived", "at+jwt", json!({ "exp": now + 86_401 })),
        ("without_exp", "at+jwt", json!({ "exp": null })),
        ("without_iat_for_long", "at+jwt", json!({ "iat": null, "exp": now + 86_401 })),
        ("without_sub", "at+jwt", json!({ "sub": null })),
        ("without_aud", "at+jwt", json!({ "aud": null })),
        ("exp_as_text", "at+jwt", json!({ "exp": "2100-01-01" })),
        ("wrong_audience", "at+jwt", json!({ "aud": "other" })),
        ("for_the_second_trust_by_another_client", "at+jwt", json!({ "aud": "admin-api" })),
        ("mapped_without_its_subject", "JWT", mapped(json!({ "upn": null, "sub": "alice" }))),
        ("mapped_with_a_subject_that_is_no_text", "JWT", mapped(json!({ "upn": ["alice"] }))),
        ("mapped_of_another_client", "JWT", mapped(json!({ "client_id": "other" }))),
        ("mapped_of_no_client", "JWT", mapped(json!({ "client_id": null }))),
        ("mapped_for_another_audience", "JWT", mapped(json!({ "aud": "other" }))),
        ("mapped_id_token", "JWT", mapped(json!({ "token_use": "id" }))),
        ("wrong_issuer", "at+jwt", json!({ "iss": "https://other.example" })),
        ("issuer_with_slash", "at+jwt", json!({ "iss": "https://idp.example/" })),
        ("wrong_tenant", "at+jwt", json!({ "org_id": "other" })),
        ("id_token", "JWT", json!({ "nonce": "n" })),
        ("id_token_by_hash", "JWT", json!({ "at_hash": "h" })),
        ("refresh_token", "JWT", json!({ "typ": "Refresh" })),
        ("logout_token", "logout+jwt", json!({ "events": {} })),
        ("transaction_token", "txntoken+jwt", json!({})),
        ("proof", "dpop+jwt", json!({})),
        ("other_type", "secevent+jwt", json!({})),
        ("revoked", "at+jwt", json!({ "sub": Provider::REVOKED })),
        ("bound_to_both", "at+jwt", json!({ "cnf": both })),
        ("bound_otherwise", "at+jwt", json!({ "cnf": { "jku": "https://idp.example/keys" } })),
        ("actor_unreadable", "at+jwt", json!({ "act": 7 })),
        ("actor_of_ours", "at+jwt", json!({ "act": { "iss": World::ISSUER, "sub": "service" } })),
        ("key_is_down", "at+jwt", json!({ "iss": Provider::DOWN })),
    ]
}

/// An internal token, which is good behind the edge and nowhere else.
pub(super) fn of_ours(issuer: &Issuer) -> String {
    let subject = || Subject::new("alice").expect("a name");
    let credential = CredentialRef::Client { id: ClientId::new("web").expect("a name") };
    let identity = Identity::new(subject(), Environment::Live, ClientId::new("web").expect("a name"), credential);
    let request = MintRequest { identity: &identity, not_after: Timestamp::MAX, stamp: None, audiences: &[] };
    let token = issuer.mint(&request).expect("minted");
    token.authorization().to_str().expect("text").trim_start_matches("Bearer ").to_owned()
}

fn certificate(digest: [u8; 32]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

/// Under a key of the stranger's, which the header says where to find, by the name of the provider's key.
fn stranger_signed(stranger: &SigningKey, kid: &str, claims: &str) -> String {
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "jku": "https://evil.example/jwks" });
    signed(stranger, &header.to_string(), claims)
}

fn signed(key: &SigningKey, header: &str, claims: &str) -> String {
    assemble(header, claims, |signing_input| key.signature(signing_input.as_bytes()).expect("signed"))
}

fn assemble(header: &str, claims: &str, signature: impl FnOnce(&str) -> Vec<u8>) -> String {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let signing_input = format!("{}.{}", encode(header), encode(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(signature(&signing_input));
    format!("{signing_input}.{signature}")
}
