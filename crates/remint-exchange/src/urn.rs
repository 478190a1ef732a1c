//! The names of RFC 8693 §3, and ours.

pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
pub(crate) const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
pub(crate) const API_KEY: &str = "urn:remint:params:oauth:token-type:api-key";

/// Whether this names a token that gives access to whoever sends it.
pub(crate) fn is_access(token_type: &str) -> bool {
    token_type == ACCESS_TOKEN || token_type == JWT
}
