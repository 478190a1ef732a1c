use axum::http::{HeaderName, StatusCode, header};
use serde_json::{Value, json};

use crate::Outcome;
use crate::client::Client;
use crate::demo::{Demo, DemoKey, Provider};
use crate::expect::Expected;
use crate::provider::DemoProvider;
use crate::report::Report;
use crate::step::Step;

/// Takes every step, one after the other; whether all of them held.
pub(crate) async fn take(demo: &Demo, report: &mut Report) -> Outcome<bool> {
    let mut tour = Tour { demo, client: Client::new(), report, held: true };
    let provider = match &demo.provider {
        Provider::Demo(provider) => Some(&**provider),
        Provider::Real(_) => None,
    };

    tour.jwt(provider).await?;
    tour.passes("A live key of a user", vec![x_api_key(&demo.live)], by_key(&demo.live, "live")).await?;
    tour.passes("A test key of the same user", vec![api_key_scheme(&demo.test)], by_key(&demo.test, "test")).await?;
    tour.bad_jwts(provider).await?;
    tour.two_at_once(provider).await?;
    tour.revocation().await?;
    Ok(tour.held)
}

struct Tour<'a> {
    demo: &'a Demo,
    client: Client,
    report: &'a mut Report,
    held: bool,
}

impl Tour<'_> {
    async fn jwt(&mut self, provider: Option<&DemoProvider>) -> Outcome<()> {
        let title = "A JWT of the provider";
        let Some(provider) = provider else { return self.report.skipped(title, YOURS) };
        self.passes(title, vec![bearer(&provider.access_token()?)], by_jwt(provider)).await
    }

    async fn bad_jwts(&mut self, provider: Option<&DemoProvider>) -> Outcome<()> {
        let (forged, expired) = ("A forged token: its signature belongs to other claims", "An expired token");
        let Some(provider) = provider else {
            self.report.skipped(forged, YOURS)?;
            return self.report.skipped(expired, YOURS);
        };
        let token = forge(&provider.access_token()?, &provider.expired_token()?)?;
        self.refused(forged, vec![bearer(&token)], StatusCode::UNAUTHORIZED, "invalid_token").await?;
        let token = provider.expired_token()?;
        self.refused(expired, vec![bearer(&token)], StatusCode::UNAUTHORIZED, "invalid_token").await
    }

    /// Each of the two would pass by itself.
    async fn two_at_once(&mut self, provider: Option<&DemoProvider>) -> Outcome<()> {
        let first = match provider {
            Some(provider) => bearer(&provider.access_token()?),
            None => api_key_scheme(&self.demo.test),
        };
        let both = vec![first, x_api_key(&self.demo.live)];
        self.refused("Two credentials at once", both, StatusCode::BAD_REQUEST, "invalid_request").await
    }

    async fn revocation(&mut self) -> Outcome<()> {
        let key = self.demo.spare_key().await?;
        self.step(Step {
            title: "One more key of the user",
            brief: true,
            sent: vec![x_api_key(&key)],
            expected: Expected::Seen(by_key(&key, "live")),
        })
        .await?;
        self.demo.revoke(&key.id).await?;
        let title = "The same key, revoked";
        self.refused(title, vec![x_api_key(&key)], StatusCode::UNAUTHORIZED, "invalid_token").await
    }

    async fn passes(
        &mut self,
        title: &'static str,
        sent: Vec<(HeaderName, String)>,
        mut seen: Vec<(&'static str, Value)>,
    ) -> Outcome<()> {
        seen.push(("/claims/iss", json!(self.demo.url())));
        self.step(Step { title, brief: false, sent, expected: Expected::Seen(seen) }).await
    }

    async fn refused(
        &mut self,
        title: &'static str,
        sent: Vec<(HeaderName, String)>,
        status: StatusCode,
        code: &'static str,
    ) -> Outcome<()> {
        self.step(Step { title, brief: false, sent, expected: Expected::Refused(status, code) }).await
    }

    async fn step(&mut self, step: Step) -> Outcome<()> {
        let taken = step.take(&self.client, self.demo.url()).await?;
        self.held &= taken.broken.is_empty();
        self.report.step(&taken)
    }
}

fn by_jwt(provider: &DemoProvider) -> Vec<(&'static str, Value)> {
    vec![
        ("/caller/subject", json!("demo|bob")),
        ("/caller/tenant", json!("acme")),
        ("/caller/env", json!("live")),
        ("/caller/scopes", json!(["orders:read"])),
        ("/caller/client", json!("demo-app")),
        ("/caller/credential/kind", json!("jwt")),
        ("/caller/credential/iss", json!(provider.issuer())),
        ("/caller/credential/sub", json!(DemoProvider::SUBJECT)),
        ("/caller/ext", json!({ "plan": "gold" })),
        ("/claims/sub", json!("demo|bob")),
    ]
}

fn by_key(key: &DemoKey, environment: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("/caller/subject", json!(Demo::USER)),
        ("/caller/tenant", json!("acme")),
        ("/caller/env", json!(environment)),
        ("/caller/scopes", json!(["orders:read", "orders:write"])),
        ("/caller/credential", json!({ "kind": "api_key", "id": key.id.as_str() })),
        ("/claims/sub", json!(Demo::USER)),
    ]
}

fn bearer(token: &str) -> (HeaderName, String) {
    (header::AUTHORIZATION, format!("Bearer {token}"))
}

fn api_key_scheme(key: &DemoKey) -> (HeaderName, String) {
    (header::AUTHORIZATION, format!("Api-Key {}", key.text))
}

fn x_api_key(key: &DemoKey) -> (HeaderName, String) {
    (HeaderName::from_static("x-api-key"), key.text.clone())
}

/// The claims of one token under the signature of another: what a thief without the key can do.
fn forge(claims_of: &str, signature_of: &str) -> Outcome<String> {
    let (signed, _) = claims_of.rsplit_once('.').ok_or("a token has three parts")?;
    let (_, signature) = signature_of.rsplit_once('.').ok_or("a token has three parts")?;
    Ok(format!("{signed}.{signature}"))
}

const YOURS: &str = "the provider's tokens are yours to bring; send one to /whoami while this serves";
