use remint_core::IssuerId;
use remint_jwt::Claims;
use remint_keyset::{Discovery, HttpFetch};
use remint_token::revocation_log::METADATA;
use serde_json::Value;
use url::Url;

/// What an authorization server says of itself (RFC 8414 §2), as far as a client of these endpoints
/// needs it. Each address in it may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerMetadata {
    /// The issuer: exactly the one that was asked for (§3.3).
    pub issuer: IssuerId,
    /// `token_endpoint`.
    pub token_endpoint: Option<Url>,
    /// `introspection_endpoint`.
    pub introspection_endpoint: Option<Url>,
    /// Where the [revocation log](remint_token::revocation_log::METADATA) is.
    pub revocation_log: Option<Url>,
    /// `jwks_uri`.
    pub jwks_uri: Option<Url>,
}

/// Why a document is not the metadata that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MetadataError {
    #[error("the metadata is not one JSON object")]
    Malformed,
    #[error("the metadata is of another issuer: {0}")]
    OtherIssuer(Box<str>),
    #[error("the metadata's {0} is not an address that may be asked: {1}")]
    BadAddress(&'static str, Box<str>),
}

/// As much of what was found as an operator needs to see.
fn shown(found: &Value) -> Box<str> {
    found.to_string().chars().take(MAX_SHOWN).collect::<String>().into()
}

const MAX_SHOWN: usize = 256;

impl ServerMetadata {
    pub(crate) fn read(
        json: &[u8],
        issuer: &IssuerId,
        discovery: &Discovery,
        http: &dyn HttpFetch,
    ) -> Result<Self, MetadataError> {
        let document = Claims::parse(json).map_err(|_| MetadataError::Malformed)?;
        if document.get("issuer").and_then(Value::as_str) != Some(discovery.issuer()) {
            return Err(MetadataError::OtherIssuer(document.get("issuer").map_or_else(Box::default, shown)));
        }
        let address = |name: &'static str| {
            let Some(value) = document.get(name) else { return Ok(None) };
            let url = value.as_str().and_then(|text| Url::parse(text).ok());
            url.filter(|url| discovery.permits(url, http))
                .map(Some)
                .ok_or_else(|| MetadataError::BadAddress(name, shown(value)))
        };
        Ok(Self {
            issuer: issuer.clone(),
            token_endpoint: address("token_endpoint")?,
            introspection_endpoint: address("introspection_endpoint")?,
            revocation_log: address(METADATA)?,
            jwks_uri: address("jwks_uri")?,
        })
    }
}
