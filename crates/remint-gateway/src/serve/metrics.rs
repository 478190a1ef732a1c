use std::time::Duration;

use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// From now on everything that is counted in this process is kept for `/metrics`.
pub(super) fn install() -> Result<PrometheusHandle, Failure> {
    let builder = PrometheusBuilder::new().set_buckets(&SECONDS);
    let installed = builder.and_then(PrometheusBuilder::install_recorder);
    let handle = installed.map_err(|error| Failure::unavailable("metrics cannot be kept", &error))?;
    describe();
    gauge!("remint_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    Ok(handle)
}

/// Says of each metric what it is.
fn describe() {
    for (name, help) in COUNTERS {
        describe_counter!(*name, *help);
    }
    for (name, help) in GAUGES {
        describe_gauge!(*name, *help);
    }
    for (name, help) in HISTOGRAMS {
        describe_histogram!(*name, *help);
    }
}

/// What was counted is put in order while nobody asks for it.
pub(super) fn upkeep(metrics: PrometheusHandle) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            metrics.run_upkeep();
        }
    })
}

/// From a cache hit to a slow provider.
const SECONDS: [f64; 14] = [1e-6, 1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

const COUNTERS: &[(&str, &str)] = &[
    ("remint_apikey_last_used_dropped_total", "Uses of keys whose time was not kept: too many keys in one interval."),
    ("remint_apikey_rehash_total", "Imported keys by what came of hashing them with the own scheme."),
    ("remint_apikey_slow_hash_total", "Slow hashes of imported keys: made, or refused since all places were taken."),
    (
        "remint_cache_lookups_total",
        "Look-ups of credentials by what answered: memory, negative (a remembered refusal), miss.",
    ),
    ("remint_failed_credentials_total", "Credentials that failed, by kind and by whether their sender passed a rate."),
    ("remint_introspection_requests_total", "Requests to the introspection endpoint, by outcome."),
    ("remint_keyset_refresh_total", "Fetches of key sets, by issuer and outcome."),
    ("remint_oauth_calls_total", "Calls of OAuth endpoints of others, by endpoint and outcome."),
    (
        "remint_outcomes_total",
        "Requests at the edge, each once: outcome, kind of credential, environment, reason of a refusal.",
    ),
    ("remint_quota_budgets_forgotten_total", "Budgets that were forgotten since there was no room for them."),
    ("remint_quota_refused_total", "Requests that were refused since a limit was used up, by limit."),
    ("remint_quota_unavailable_total", "Requests of which the counter of quotas did not answer."),
    ("remint_quota_unknown_plan_total", "Requests of callers with a plan that the settings do not have."),
    ("remint_require_denied_total", "Requests that did not meet what their route or handler requires, by reason."),
    (
        "remint_revocation_gaps_total",
        "Times that rows of the revocation log were missed, or its history was rewritten.",
    ),
    ("remint_revocation_log_requests_total", "Requests of clients that follow the revocation log, by outcome."),
    ("remint_revocation_requests_total", "Requests to the revocation endpoint, by outcome."),
    ("remint_revocation_rows_total", "Rows that were read from the revocation log, by what they name."),
    ("remint_revocation_snapshots_total", "Times that all revocations in force were read from the log."),
    ("remint_token_requests_total", "Requests to the token endpoint, by grant, client and outcome."),
    (
        "remint_transactions_total",
        "Requests that were asked for a transaction token, each once: outcome, reason of a refusal.",
    ),
    ("remint_usage_dropped_total", "Requests whose usage was not counted: too many rows in one interval."),
    ("remint_verify_total", "Requests that were asked for an internal token, each once: outcome, reason of a refusal."),
];

const GAUGES: &[(&str, &str)] = &[
    ("remint_apikey_missing_peppers", "Peppers that keys in the store need and this process does not have."),
    ("remint_build_info", "1, with the version as a label."),
    ("remint_keyset_age_seconds", "Seconds since the key set of an issuer was last fetched."),
    ("remint_oauth_breaker_open", "Whether an OAuth endpoint of others is left alone for a while (1), by endpoint."),
    ("remint_revocation_followers", "Clients that wait for a row of the revocation log."),
    ("remint_revocation_blind_seconds", "Seconds for which the revocation log has not answered; 0 while it does."),
    ("remint_revocation_last_read_timestamp_seconds", "When the revocation log was last read to its end (Unix time)."),
    ("remint_revocation_read_position", "The position up to which the revocation log was read."),
    ("remint_revocation_table_bytes", "Bytes that the table of revocations takes."),
    ("remint_revocation_table_rows", "Targets that the table of revocations holds."),
    ("remint_waiting", "Requests that wait for an answer of others, by whose."),
];

const HISTOGRAMS: &[(&str, &str)] = &[
    (
        "remint_revocation_propagation_seconds",
        "Seconds from when a row of the revocation log was written to when it was read here.",
    ),
    (
        "remint_exchange_seconds",
        "Seconds from a credential that is not remembered to its internal token, or to its refusal.",
    ),
    ("remint_token_request_seconds", "Seconds that a request to the token endpoint takes, by grant and outcome."),
];
