//! One credential, exchanged as the edge would: what an operator tries before callers do.

use std::io::Read as _;
use std::process::ExitCode;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use remint::{ExchangingEdge, MemoryReplays, Remint};
use remint_jwt::Jws;
use serde_json::Value;
use tower::ServiceExt as _;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::settings::{ExchangeSettings, Log, Settings};
use crate::store::MOST_REPLAYS;
use crate::terminal::print;

/// The edge that the settings describe.
pub(crate) async fn edge(settings: &Settings, exchange: &ExchangeSettings) -> Result<ExchangingEdge, Failure> {
    let exchanger = exchange.exchanger.clone();
    let mut edge = Remint::exchanging(exchange.issuer.as_str(), exchange.audience.as_str(), exchanger)
        .credential_rules(settings.credentials.clone())
        .cache_capacity(settings.cache.capacity)
        .lifetime(settings.cache.lifetime)
        .max_waiting(settings.cache.max_waiting)
        .failure_limits(settings.failures)
        .max_staleness(settings.revocation.max_staleness)
        .wait_at_most(settings.cache.max_wait);
    if settings.revocation.log == Log::Process {
        edge = edge.revocations_in_process();
    }
    if let Some(dpop) = &settings.dpop {
        // There is no store: each edge remembers what was used at it.
        let verifier = dpop.verifier(MemoryReplays::new(MOST_REPLAYS));
        edge = edge.dpop(verifier.map_err(|error| Failure::refused(error.to_string()))?);
    }
    edge.build().await.map_err(|error| Failure::unavailable("the edge cannot be built", &error))
}

/// A request with the credential as a Bearer passes the edge's own layer, and what comes behind it is printed.
pub(crate) async fn run(settings: &Settings, exchange: &ExchangeSettings, raw: bool) -> Result<ExitCode, Failure> {
    let mut credential = Zeroizing::new(String::new());
    std::io::stdin().take(MAX_LEN).read_to_string(&mut credential)?;
    let bearer = Zeroizing::new(format!("Bearer {}", credential.trim()));
    let request = Request::get("/").header(header::AUTHORIZATION, bearer.as_str()).body(Body::empty());
    let request = request.map_err(|_| Failure::refused("what was read is no credential"))?;
    exchange.exchanger.start().await;
    let behind = Router::new().fallback(received).layer(edge(settings, exchange).await?.layer());
    let answer = match behind.oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::SERVICE_UNAVAILABLE => {
            let log = "the server did not answer, or its answer was not believed (RUST_LOG=remint=debug says why)";
            return Err(Failure::Unavailable(log.to_owned()));
        }
        status => {
            let challenges = answer.headers().get_all(header::WWW_AUTHENTICATE).iter();
            let challenges: Vec<_> = challenges.filter_map(|value| value.to_str().ok()).collect();
            let why = if challenges.is_empty() { "it is refused".to_owned() } else { challenges.join(", ") };
            return Err(Failure::refused(format!("{status}: {why}")));
        }
    }
    let token = to_bytes(answer.into_body(), MAX_LEN as usize).await;
    let token = token.map_err(|error| Failure::unavailable("the token", &error))?;
    let token = std::str::from_utf8(&token).map_err(|error| Failure::unavailable("the token", &error))?;
    if raw {
        print(token)?;
        return Ok(ExitCode::SUCCESS);
    }
    // The exchanger has verified it.
    let claims = Jws::parse(token).map_err(|error| Failure::unavailable("the token", &error))?;
    let claims = Value::Object(claims.unverified_claims().clone().into_map());
    print(&format!("{claims:#}"))?;
    Ok(ExitCode::SUCCESS)
}

/// What a service behind the edge receives.
async fn received(headers: HeaderMap) -> String {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned()
}

const MAX_LEN: u64 = 64 * 1024;
