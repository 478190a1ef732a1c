//! Every metric and log line of the line, in one place. None carries a piece of the credential.

use std::net::IpAddr;
use std::time::Duration;

use metrics::{counter, histogram};
use remint_core::{CredentialForm, DeniedKind, Refusal, Unavailable};
use tracing::Span;

/// One for each request whose credential is remembered. The labels are literals, here and below: no
/// key is built on the hot path.
#[inline]
pub(crate) fn hit() {
    counter!("remint_cache_lookups_total", "tier" => "memory").increment(1);
}

pub(crate) fn negative_hit() {
    counter!("remint_cache_lookups_total", "tier" => "negative").increment(1);
}

pub(crate) fn miss() {
    counter!("remint_cache_lookups_total", "tier" => "miss").increment(1);
}

/// The span of one exchange, shared by all who wait for it.
pub(crate) fn exchange_span(form: CredentialForm) -> Span {
    tracing::info_span!(target: "remint", "exchange", kind = kind(Some(form)), outcome = tracing::field::Empty)
}

/// Called within the span.
pub(crate) fn exchanged<T>(took: Duration, outcome: &Result<T, Refusal>) {
    histogram!("remint_exchange_seconds").record(took.as_secs_f64());
    Span::current().record("outcome", outcome.as_ref().map_or_else(Refusal::reason, |_| "allowed"));
    tracing::debug!(target: "remint", "exchanged");
}

const fn kind(form: Option<CredentialForm>) -> &'static str {
    match form {
        Some(CredentialForm::ApiKey) => "api_key",
        Some(CredentialForm::Jwt) => "jwt",
        Some(CredentialForm::Session) => "session",
        None => "none",
    }
}

/// One for each credential that failed.
pub(crate) fn failed(form: Option<CredentialForm>, limited: bool, passed: bool) {
    let rate = match (limited, passed) {
        (true, _) => "limited",
        (false, true) => "passed",
        (false, false) => "within",
    };
    counter!("remint_failed_credentials_total", "kind" => kind(form), "rate" => rate).increment(1);
}

/// One for each address or key that passes a rate; of one minute's lines the first twenty.
pub(crate) fn many_failures(address: Option<IpAddr>, key: Option<&str>, failures: u32, reason: DeniedKind, lines: u32) {
    let address = address.map(|address| match address {
        IpAddr::V4(_) => address.to_string(),
        IpAddr::V6(_) => format!("{address}/64"),
    });
    if lines <= MOST_LINES {
        tracing::warn!(
            target: "remint",
            address, key_beginning = key, failures, reason = reason.reason(),
            "so many credentials failed within a minute, from one address or with one beginning of a key; if it is \
             a key that leaked, revoke it; if it is a proxy of yours, add it to the trusted proxies"
        );
    }
    if lines == MOST_LINES {
        tracing::warn!(target: "remint", "no more of these lines until the minute ends");
    }
}

pub(crate) fn not_enriched(failure: &Unavailable) {
    let (reason, cause) = (failure.kind().reason(), cause(failure));
    tracing::warn!(target: "remint", reason, cause, "an optional enricher failed");
}

fn cause(unavailable: &Unavailable) -> String {
    std::error::Error::source(unavailable).map(ToString::to_string).unwrap_or_default()
}

const MOST_LINES: u32 = 20;
