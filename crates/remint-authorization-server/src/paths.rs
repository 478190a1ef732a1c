pub(crate) const TOKEN_PATH: &str = "/oauth2/token";
pub(crate) const INTROSPECTION_PATH: &str = "/oauth2/introspect";
pub(crate) const REVOCATION_PATH: &str = "/oauth2/revoke";
/// Where clients read the revocation log, and administrators of an identity service add to it.
pub const REVOCATION_LOG_PATH: &str = remint_token::revocation_log::PATH;
pub(crate) const JWKS_PATH: &str = "/.well-known/jwks.json";
