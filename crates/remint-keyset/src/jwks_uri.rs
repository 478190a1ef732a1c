use serde::Deserialize;
use url::Url;

use crate::load_error::LoadError;
use crate::{Discovery, DiscoveryOrder, HttpFetch};

/// Asks the issuer where its key set is.
pub(crate) async fn jwks_uri(discovery: &Discovery, http: &dyn HttpFetch) -> Result<Url, LoadError> {
    let document = discovery.document(http, DiscoveryOrder::OpenIdFirst).await.map_err(LoadError::Discovery)?;
    let document: Document = serde_json::from_slice(&document).map_err(LoadError::MalformedDiscovery)?;
    if document.issuer != discovery.issuer() {
        return Err(LoadError::OtherIssuer);
    }
    let url = Url::parse(&document.jwks_uri).map_err(|_| LoadError::BadJwksUri)?;
    if discovery.permits(&url, http) { Ok(url) } else { Err(LoadError::BadJwksUri) }
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}
