use crate::breaker::Turned;
use crate::{EndpointError, Failure};

pub(crate) fn called<T>(endpoint: &str, outcome: &Result<T, EndpointError>) {
    let name = match outcome {
        Ok(_) => "ok",
        Err(error) => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::debug!(target: "remint", endpoint, outcome = error.outcome(), %error, cause, "the endpoint gave nothing");
            error.outcome()
        }
    };
    metrics::counter!("remint_oauth_calls_total", "endpoint" => endpoint.to_owned(), "outcome" => name).increment(1);
}

pub(crate) fn turned(endpoint: &str, turned: Turned) {
    let open = match turned {
        Turned::Neither => return,
        Turned::Opened => {
            tracing::warn!(target: "remint", endpoint, "the endpoint has failed too often and is left alone for a while");
            1
        }
        Turned::Closed => {
            tracing::info!(target: "remint", endpoint, "the endpoint answers again");
            0
        }
    };
    metrics::gauge!("remint_oauth_breaker_open", "endpoint" => endpoint.to_owned()).set(open);
}

pub(crate) fn not_reread(endpoint: &str, failure: &Failure) {
    let cause = std::error::Error::source(failure).map(ToString::to_string);
    tracing::warn!(target: "remint", endpoint, cause, "the server does not know our credentials, and their file holds no others");
}
