use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use remint_core::{Enricher, Enrichment, Ext, Identity, Timestamp, Unavailable, UnavailableKind};
use serde::{Deserialize, Serialize};

/// Asks an HTTP endpoint what is known of an identity.
///
/// It sends `POST` with the identity as JSON (`sub`, `tenant`, `env`, `scope`, `client_id`, `cred`),
/// never a credential, and takes
///
/// ```json
/// {
///   "claims": {"plan": "gold"}, "roles": ["planner"], "groups": [], "entitlements": ["gpu"],
///   "valid_until": "2026-01-01T00:00:00Z"
/// }
/// ```
///
/// with status 200; all but `claims` may be absent, and `valid_until` is RFC 3339 in UTC, ending in `Z`. Roles, groups
/// and entitlements reach identities as [`Enrichment`] says. Anything else is
/// a failure: another status, a redirect, more than 64 KiB, no whole answer before the deadline, a
/// member it does not know, a reserved claim.
///
/// No proxy is used: the environment is not read. The URL may hold a user, a password or a key in
/// its query: neither `Debug` nor an error shows it.
#[derive(Clone)]
pub struct HttpEnricher {
    client: reqwest::Client,
    url: reqwest::Url,
}

impl HttpEnricher {
    /// An enricher that asks `url` and waits at most `deadline` for the whole answer.
    ///
    /// # Errors
    ///
    /// `Enricher` if `url` is not an HTTP URL or the client cannot be built.
    pub fn new(url: &str, deadline: Duration) -> Result<Self, Unavailable> {
        let url: reqwest::Url = url.parse().map_err(failed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(failed("the enricher's URL must be http or https"));
        }
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("remint/", env!("CARGO_PKG_VERSION")))
            .timeout(deadline)
            .build()
            .map_err(unsent)?;
        Ok(Self { client, url })
    }

    async fn ask(&self, identity: &Identity) -> Result<Vec<u8>, Unavailable> {
        let question = Question {
            sub: identity.subject.as_str(),
            tenant: identity.tenant.as_ref().map(AsRef::as_ref),
            env: identity.environment.as_str(),
            scope: identity.scopes.to_string(),
            client_id: identity.client.as_str(),
            cred: &identity.credential,
        };
        let mut response = self.client.post(self.url.clone()).json(&question).send().await.map_err(unsent)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(failed(format!("the enricher answered {}", response.status())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unsent)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(failed("the enricher's answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

impl fmt::Debug for HttpEnricher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpEnricher").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Enricher for HttpEnricher {
    async fn enrich(&self, identity: &Identity) -> Result<Enrichment, Unavailable> {
        let answer: Answer = serde_json::from_slice(&self.ask(identity).await?).map_err(failed)?;
        let ext = Ext::try_from(answer.claims).map_err(failed)?;
        let valid_until = match answer.valid_until {
            Some(text) => timestamp(humantime::parse_rfc3339(&text).map_err(failed)?),
            None => Timestamp::MAX,
        };
        let Answer { roles, groups, entitlements, .. } = answer;
        Ok(Enrichment { ext, roles, groups, entitlements, valid_until })
    }
}

#[derive(Serialize)]
struct Question<'a> {
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    env: &'a str,
    scope: String,
    client_id: &'a str,
    cred: &'a remint_core::CredentialRef,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    claims: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    entitlements: Vec<String>,
    valid_until: Option<String>,
}

fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_secs(since.as_secs())
}

/// An error of the client, without the URL, which may hold a secret.
fn unsent(error: reqwest::Error) -> Unavailable {
    failed(error.without_url())
}

fn failed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Unavailable {
    Unavailable::new(UnavailableKind::Enricher).with_source(cause)
}

const MAX_ANSWER: usize = 64 * 1024;
