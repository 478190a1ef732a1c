use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_core::Timestamp;
use remint_jwt::{KeyError, SigningKey};
use serde::Serialize;

/// Why a client cannot prove who it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AssertionError {
    #[error("the assertion cannot be signed")]
    Key(#[from] KeyError),
    #[error("there is no randomness for the assertion's jti")]
    Random(#[from] getrandom::Error),
    #[error("the client's secret does not fit into a header")]
    Header,
}

/// A new assertion (RFC 7523 §3): who we are says it of itself, for one server, once, for a minute.
pub(crate) fn sign(key: &SigningKey, client: &str, audience: &str, now: Timestamp) -> Result<String, AssertionError> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random)?;
    let claims = Claims {
        iss: client,
        sub: client,
        aud: audience,
        exp: now.saturating_add(LIFETIME).as_secs(),
        iat: now.as_secs(),
        jti: &URL_SAFE_NO_PAD.encode(random),
    };
    Ok(key.sign("JWT", &claims)?)
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: u64,
    iat: u64,
    jti: &'a str,
}

/// Long enough for clocks that differ and for the network, short enough to be remembered by whoever
/// looks for replays.
const LIFETIME: Duration = Duration::from_secs(60);
