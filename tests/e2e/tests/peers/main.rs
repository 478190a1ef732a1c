//! Remint against real programs that nobody here wrote.

mod api_keys;
mod internal_token;
mod outage;
mod provider;
mod quickstart;
mod rotation;
mod trust;
mod two_domains;

use std::time::Duration;

use remint::{Algorithm, Trust};
use remint_e2e::{Answer, Edge, Outcome, PATIENCE, Provider};
use remint_verify::KeySetSettings;

/// Trust in the provider, with what its tokens carry.
fn trust(provider: &Provider) -> Trust {
    Trust::oidc(provider.issuer(), Provider::AUDIENCE)
        .named("idp")
        .tenants(["acme"])
        .allow_scopes(["jobs:read", "jobs:write"])
        .map_claim("plan", "plan.name")
}

/// An edge that trusts the provider, and nobody else.
async fn edge(provider: &Provider) -> Outcome<Edge> {
    Edge::start(Algorithm::Es256, [trust(provider)]).await
}

/// The same, and it may ask for keys as often as there is reason to.
async fn eager_edge(provider: &Provider) -> Outcome<Edge> {
    let settings = KeySetSettings { refetch_after: PAUSE, retry_after: PAUSE, ..KeySetSettings::default() };
    Edge::start(Algorithm::Es256, [trust(provider).key_set_settings(settings)]).await
}

/// Asks again and again until the answer has this status; until then it may only be one of `meanwhile`.
async fn eventually<F>(status: u16, meanwhile: &[u16], mut ask: impl FnMut() -> F) -> Outcome<()>
where
    F: Future<Output = Outcome<Answer>>,
{
    let asking = async {
        loop {
            let answer = ask().await?;
            if answer.status == status {
                return Ok(());
            }
            if !meanwhile.contains(&answer.status) {
                return Err(format!("{} on the way to {status}: {}", answer.status, answer.body).into());
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await?
}

/// Between two looks at what another process does.
const PAUSE: Duration = Duration::from_millis(20);
