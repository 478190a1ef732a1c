use std::path::PathBuf;

use remint_jwt::JwkSet;
use url::Url;

use crate::Discovery;

/// Where a key set comes from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum KeySource {
    /// The issuer's discovery document names it (OpenID Connect Discovery §4, RFC 8414 §3).
    Discovery(Discovery),
    /// This address (RFC 7517 §5).
    JwksUri(Url),
    /// This file, read again like any other source.
    File(PathBuf),
    /// These keys, which never change.
    Fixed(JwkSet),
}
