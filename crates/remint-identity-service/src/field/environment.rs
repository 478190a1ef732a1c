use remint_core::Environment;
use remint_http_api::{Fault, Read};
use serde_json::Value;

use super::list::list;

pub(crate) fn environment(value: Value) -> Read<Environment> {
    match value.as_str() {
        Some("live") => Ok(Environment::Live),
        Some("test") => Ok(Environment::Test),
        _ => Err(vec![Fault::new("must be `live` or `test`")]),
    }
}

/// Environments, each at most once.
pub(crate) fn environments(value: Value) -> Read<Vec<Environment>> {
    let found = list(value, environment)?;
    let twice = found.iter().enumerate().any(|(index, item)| found.iter().skip(index + 1).any(|other| other == item));
    if twice { Err(vec![Fault::new("must hold each environment once at most")]) } else { Ok(found) }
}
