mod answers;
mod dpop;
mod hook;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use remint_core::{Refusal, Unavailable, UnavailableKind};

use crate::Requirements;

fn outage(after: Duration) -> Refusal {
    Unavailable::new(UnavailableKind::KeySet).with_retry_after(after).into()
}

fn jobs() -> Requirements {
    Requirements::new().with_scopes(["jobs:write", "jobs:read"]).unwrap()
}

fn text<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}
