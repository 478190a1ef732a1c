use std::fmt;
use std::sync::Arc;

use remint_core::{DeniedKind, Explanation};
use remint_jwt::{Claims, Jws};
use serde_json::Value;

use crate::failures::Beginning;

/// Says of a refused credential what the log is told of it. It reads the text once more, so it is asked only where a
/// log is kept.
#[derive(Clone, Default)]
pub(crate) struct Explainer {
    pub(crate) beginning: Option<Beginning>,
    pub(crate) token: Option<ExplainToken>,
}

/// What the authenticator of tokens says of one that was refused for this.
pub(crate) type ExplainToken = Arc<dyn Fn(&Claims, DeniedKind) -> Option<Explanation> + Send + Sync>;

impl Explainer {
    /// Nothing of a text is told but a token's names and the kind of one of its claims, and the beginning of a key.
    pub(crate) fn explain(&self, text: &str, kind: DeniedKind) -> Explanation {
        let Ok(jws) = Jws::parse_external(text) else {
            let api_key = self.beginning.as_ref().and_then(|beginning| beginning(text));
            return Explanation { api_key, ..Explanation::default() };
        };
        let (header, claims) = (jws.header(), jws.unverified_claims());
        let told = self.token.as_ref().and_then(|explain| explain(claims, kind)).unwrap_or_default();
        let told = match told.claim {
            Some(_) => told,
            None => {
                let (claim, found) = fault(claims, kind).unzip();
                Explanation { claim: claim.map(str::to_owned), found, ..told }
            }
        };
        told.with_names(claims.issuer().ok(), header.key_id())
    }
}

impl fmt::Debug for Explainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Explainer(..)")
    }
}

/// Which claim a refusal of this kind is about, and what stands there.
fn fault(claims: &Claims, kind: DeniedKind) -> Option<(&'static str, &'static str)> {
    let present = |names: &[&'static str]| names.iter().find(|name| claims.get(name).is_some()).copied();
    let name = match kind {
        DeniedKind::Claim => return CLAIMS.iter().find_map(|claim| claim.fault(claims)),
        DeniedKind::UntrustedIssuer => "iss",
        DeniedKind::Audience => "aud",
        DeniedKind::Client => present(&["azp", "client_id", "appid", "cid"]).unwrap_or("azp"),
        DeniedKind::Expired | DeniedKind::Lifetime => "exp",
        DeniedKind::NotYetValid => present(&["nbf", "iat"]).unwrap_or("iat"),
        DeniedKind::Tenant => present(&["tid", "org_id"]).unwrap_or("tid"),
        DeniedKind::SenderConstrained | DeniedKind::ClientCertificate => "cnf",
        _ => return None,
    };
    Some((name, found(claims.get(name))))
}

/// A claim that decides, and what may stand there.
struct Claim {
    name: &'static str,
    must_be_there: bool,
    kinds: &'static [&'static str],
}

impl Claim {
    const fn new(name: &'static str, must_be_there: bool, kinds: &'static [&'static str]) -> Self {
        Self { name, must_be_there, kinds }
    }

    fn fault(&self, claims: &Claims) -> Option<(&'static str, &'static str)> {
        let found = found(claims.get(self.name));
        let is_empty = claims.get(self.name).and_then(Value::as_str) == Some("");
        let fits = if found == ABSENT { !self.must_be_there } else { self.kinds.contains(&found) && !is_empty };
        (!fits).then_some((self.name, found))
    }
}

fn found(value: Option<&Value>) -> &'static str {
    match value {
        None => ABSENT,
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "text",
        Some(Value::Array(_)) => "list",
        Some(Value::Object(_)) => "object",
    }
}

const ABSENT: &str = "absent";

/// In the order in which they are looked at.
const CLAIMS: [Claim; 14] = [
    Claim::new("iss", true, &["text"]),
    Claim::new("cnf", false, &["object"]),
    Claim::new("aud", false, &["text", "list"]),
    Claim::new("azp", false, &["text"]),
    Claim::new("client_id", false, &["text"]),
    Claim::new("appid", false, &["text"]),
    Claim::new("cid", false, &["text"]),
    Claim::new("exp", true, &["number"]),
    Claim::new("iat", true, &["number"]),
    Claim::new("nbf", false, &["number"]),
    Claim::new("sub", true, &["text"]),
    Claim::new("act", false, &["object", "text"]),
    Claim::new("tid", false, &["text"]),
    Claim::new("org_id", false, &["text"]),
];

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> String {
        let encode = |value: &Value| BASE64.encode(value.to_string());
        format!("{}.{}.c2ln", encode(&json!({ "alg": "ES256", "kid": "k1" })), encode(claims))
    }

    fn said(changed: &str, value: Value, kind: DeniedKind) -> Explanation {
        let mut claims = json!({ "iss": "https://idp.example", "sub": "a", "aud": "api", "exp": 9, "iat": 1 });
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(changed)),
            value => claims[changed] = value,
        }
        let trust = |_: &Claims, _| Some(Explanation { trust: Some("idp".to_owned()), ..Explanation::default() });
        Explainer { token: Some(Arc::new(trust)), beginning: None }.explain(&token(&claims), kind)
    }

    #[test]
    fn the_claim_at_fault_is_told_with_what_stands_there() {
        for (claim, value, kind, found) in [
            ("aud", json!(["x"]), DeniedKind::Audience, "list"),
            ("aud", json!(null), DeniedKind::Audience, "absent"),
            ("exp", json!("9"), DeniedKind::Claim, "text"),
            ("exp", json!(null), DeniedKind::Claim, "absent"),
            ("sub", json!(7), DeniedKind::Claim, "number"),
            ("sub", json!(""), DeniedKind::Claim, "text"),
            ("cnf", json!([]), DeniedKind::Claim, "list"),
            ("act", json!(true), DeniedKind::Claim, "boolean"),
            ("cid", json!("web"), DeniedKind::Client, "text"),
            ("exp", json!(2), DeniedKind::Expired, "number"),
            ("nbf", json!(8), DeniedKind::NotYetValid, "number"),
        ] {
            let said = said(claim, value, kind);
            assert_eq!((said.claim.as_deref(), said.found), (Some(claim), Some(found)), "{kind:?}");
            assert_eq!((said.trust.as_deref(), said.key_id.as_deref()), (Some("idp"), Some("k1")));
        }
        let signature = said("jti", json!("1"), DeniedKind::Signature);
        assert_eq!((signature.claim, signature.issuer.as_deref()), (None, Some("https://idp.example")));
    }

    #[test]
    fn what_the_authenticator_says_of_a_claim_comes_first() {
        let said = |_: &Claims, _| {
            let claim = Some("https://idp.example/team".to_owned());
            Some(Explanation { claim, found: Some("number"), ..Explanation::default() })
        };
        let explainer = Explainer { token: Some(Arc::new(said)), beginning: None };
        let said = explainer.explain(&token(&json!({ "iss": "https://idp.example" })), DeniedKind::Claim);
        assert_eq!((said.claim.as_deref(), said.found), (Some("https://idp.example/team"), Some("number")));
        assert_eq!((said.key_id.as_deref(), said.issuer.as_deref()), (Some("k1"), Some("https://idp.example")));
    }

    #[test]
    fn of_a_text_that_is_no_token_only_what_is_not_secret_is_told() {
        let beginning: Beginning = Arc::new(|text| text.starts_with("rk_").then(|| text[..5].to_owned()));
        let explainer = Explainer { beginning: Some(beginning), token: None };
        let of = |text: &str| explainer.explain(text, DeniedKind::UnknownApiKey);
        assert_eq!(of("rk_abcdef"), Explanation { api_key: Some("rk_ab".into()), ..Explanation::default() });
        for text in ["opaque", "a.b.c", ""] {
            assert_eq!(of(text), Explanation::default());
        }
    }
}
