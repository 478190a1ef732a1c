use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_core::{Confirmation, Unavailable};
use serde_json::{Value, json};

use crate::server::Server;

/// What an edge must hold each request to: `cnf`, as the token had it (RFC 7800 §3).
///
/// # Errors
///
/// One that has no name here: nobody would hold a request to it.
pub(crate) fn cnf(confirmation: Confirmation) -> Result<Value, Unavailable> {
    match confirmation {
        Confirmation::Jkt(thumbprint) => Ok(json!({ "jkt": URL_SAFE_NO_PAD.encode(thumbprint) })),
        Confirmation::X5tS256(digest) => Ok(json!({ "x5t#S256": URL_SAFE_NO_PAD.encode(digest) })),
        _ => Err(Server::defect("a confirmation that has no name")),
    }
}
