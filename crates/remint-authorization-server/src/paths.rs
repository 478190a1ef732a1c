pub(crate) const TOKEN_PATH: &str = "/oauth2/token";
pub(crate) const INTROSPECTION_PATH: &str = "/oauth2/introspect";
pub(crate) const REVOCATION_PATH: &str = "/oauth2/revoke";
pub(crate) use remint_token::revocation_log::PATH as REVOCATION_LOG_PATH;
pub(crate) const JWKS_PATH: &str = "/.well-known/jwks.json";
