//! The URNs of OAuth that the authorization server and its clients know, and ours.
//!
//! They are compared as exact strings.

/// `grant_type` of a token exchange (RFC 8693 §2.1).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// `grant_type` of a JWT as an authorization grant (RFC 7523 §2.1).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// `client_assertion_type` of a JWT by which a client authenticates (RFC 7523 §2.2).
pub const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The type of an access token, of whatever form (RFC 8693 §3).
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The type of a JWT (RFC 8693 §3).
pub const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// The type of an ID token (RFC 8693 §3).
pub const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// The type of a transaction token (draft-ietf-oauth-transaction-tokens): what a client asks for by
/// `requested_token_type`, and is told by `issued_token_type`.
pub const TRANSACTION_TOKEN: &str = "urn:ietf:params:oauth:token-type:txn_token";

/// The type of an API key of ours, as a `subject_token_type`.
pub const API_KEY: &str = "urn:remint:params:oauth:token-type:api-key";

/// Whether this type names a token that gives access to whoever sends it: [`ACCESS_TOKEN`] or [`JWT`].
#[must_use]
pub fn is_access(token_type: &str) -> bool {
    token_type == ACCESS_TOKEN || token_type == JWT
}
